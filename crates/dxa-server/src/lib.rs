//! The service around the analysis: receives, keeps, analyzes, hands on, and answers.

pub mod archive;
pub mod audit;
pub mod auth;
pub mod config;
mod connection;
pub mod deliver;
pub mod http;
pub mod ingest;
mod pages;
mod priors;
mod quality;
mod scu;
pub mod service;
pub mod store;
pub mod tls;
pub mod work;

use std::net::{Ipv4Addr, SocketAddr};

pub use http::router;

/// Where HTTP listens unless configured: this machine only.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
