//! How many requests one address may send.

use std::net::IpAddr;
use std::num::NonZeroU32;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::DefaultClock;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::app::App;
use super::caller::address;
use super::problem::Code;
use super::problem::Problem;

type PerAddress = RateLimiter<IpAddr, DashMapStateStore<IpAddr>, DefaultClock>;

/// Limits of one process.
#[derive(Debug)]
pub(super) struct Limiter {
    requests: Option<PerAddress>,
    logins: PerAddress,
}

/// Tries to log in a minute from one address.
const LOGINS_A_MINUTE: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
/// Addresses kept in mind before those that have not asked for a while are forgotten.
const ADDRESSES: usize = 10_000;

impl Limiter {
    /// `requests_per_second` 0: as many as come.
    pub(super) fn new(requests_per_second: u32) -> Self {
        let requests = NonZeroU32::new(requests_per_second).map(|rate| {
            let burst = NonZeroU32::new(rate.get().saturating_mul(2)).unwrap_or(rate);
            RateLimiter::dashmap(Quota::per_second(rate).allow_burst(burst))
        });
        Self { requests, logins: RateLimiter::dashmap(Quota::per_minute(LOGINS_A_MINUTE)) }
    }

    /// Whether this address may try to log in once more.
    pub(super) fn admits_login(&self, address: IpAddr) -> bool {
        admits(&self.logins, address)
    }
}

/// Turns requests away when their address sends too many.
pub(super) async fn limit(State(app): State<App>, request: Request, next: Next) -> Response {
    let limited = app.limiter().requests.as_ref().zip(address(&request));
    if limited.is_some_and(|(limiter, address)| !admits(limiter, address)) {
        return Problem::from(Code::TooManyRequests).into_response();
    }
    next.run(request).await
}

fn admits(limiter: &PerAddress, address: IpAddr) -> bool {
    if limiter.len() > ADDRESSES {
        limiter.retain_recent();
    }
    limiter.check_key(&network(address)).is_ok()
}

/// Whoever has one IPv6 address has 2⁶⁴ of them.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() >> 64 << 64).into()),
    }
}
