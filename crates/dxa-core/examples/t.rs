fn main() {
    for p in std::env::args().skip(1) {
        let b = std::fs::read(&p).unwrap();
        match dxa_core::guard::open(
            dxa_core::guard::Input::whole(&b),
            dxa_core::guard::Leniency::Tolerant,
            &dxa_core::guard::Limits::DEFAULT,
        ) {
            Ok(o) => println!(
                "ok {} {} {:?}",
                p.rsplit('/').next().unwrap(),
                o.root().iter().count(),
                o.tolerated()
            ),
            Err(e) => println!("REFUSED {} {}", p.rsplit('/').next().unwrap(), e),
        }
    }
}
