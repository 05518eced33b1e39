//! Ports open with what is behind them, and close with it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use super::{Address, Ports, WebChange, WebDoor, WebKind, WebPorts, WebPortsError};

fn door(name: &str) -> WebDoor {
    WebDoor {
        url: String::new(),
        world: "123456789012/sa-east-1".to_owned(),
        kind: WebKind::LoadBalancer,
        name: name.to_owned(),
        arn: format!("arn:{name}"),
        protocol: "HTTPS".to_owned(),
        port: 443,
        hosts: vec![format!("{name}.example.com")],
        balancer_arn: None,
        address: Address {
            account: "123456789012".to_owned(),
            region: "sa-east-1".to_owned(),
        },
    }
}

fn ports(choice: WebPorts) -> Ports {
    Ports::new(Ipv4Addr::LOCALHOST.into(), choice)
}

fn port(door: &WebDoor) -> u16 {
    let (_, port) = door.url.rsplit_once(':').unwrap();
    port.parse().unwrap()
}

/// A port that somebody else has, and the next one that is free.
fn taken() -> (TcpListener, u16) {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    (taken, port)
}

#[test]
fn choices() {
    for (text, expected) in [
        ("any", Ok(WebPorts::Any)),
        ("off", Ok(WebPorts::Off)),
        ("8080", Ok(WebPorts::From(8080))),
        ("0", Err(WebPortsError)),
        ("65536", Err(WebPortsError)),
        ("none", Err(WebPortsError)),
    ] {
        assert_eq!(text.parse(), expected);
        if let Ok(choice) = expected {
            assert_eq!(choice.to_string(), text);
        }
    }
}

#[test]
fn a_port_that_somebody_has_is_an_error_at_the_start() {
    let (_taken, port) = taken();
    let error = ports(WebPorts::From(port)).open_first(vec![door("front")]);
    let error = error.unwrap_err();
    assert_eq!(error.address, SocketAddr::from(([127, 0, 0, 1], port)));
    assert_eq!(
        error.to_string(),
        format!("cannot listen on 127.0.0.1:{port} for load balancer front HTTPS:443")
    );
    assert_eq!(error.source.kind(), std::io::ErrorKind::AddrInUse);
}

#[test]
fn a_port_that_somebody_has_is_left_out_later() {
    let (_taken, first) = taken();
    let ports = ports(WebPorts::From(first));
    assert_eq!(ports.open_first(Vec::new()).unwrap(), []);
    ports.settle(vec![door("front"), door("back")]);
    let found: Vec<u16> = ports.doors().iter().map(port).collect();
    assert!(found.iter().all(|port| *port > first), "{found:?} {first}");
    assert_ne!(found[0], found[1]);
}

#[test]
fn ports_come_and_go_with_what_is_behind_them() {
    let ports = ports(WebPorts::Any);
    let front = ports.open_first(vec![door("front")]).unwrap().remove(0);
    let mut changes = ports.changes();
    ports.settle(vec![door("front")]);
    assert!(changes.try_recv().is_err(), "nothing has changed");
    let renamed = WebDoor {
        hosts: vec!["other.example.com".to_owned()],
        ..door("front")
    };
    ports.settle(vec![renamed, door("back")]);
    let Ok(WebChange::Opened(back)) = changes.try_recv() else {
        panic!("it was opened");
    };
    assert_eq!(back.name, "back");
    assert_eq!(ports.hosts(&front), ["other.example.com"]);
    ports.settle(vec![door("back")]);
    let Ok(WebChange::Closed(closed)) = changes.try_recv() else {
        panic!("it was closed");
    };
    assert_eq!((closed.name, closed.url), (front.name, front.url));
    let unattended = ports.take_unattended();
    let names: Vec<_> = unattended.iter().map(|it| it.door.name.as_str()).collect();
    assert_eq!(names, ["back"], "nobody is to attend to what was closed");
}

#[test]
fn nothing_is_opened_where_nobody_wants_it() {
    let ports = ports(WebPorts::Off);
    assert_eq!(ports.open_first(vec![door("front")]).unwrap(), []);
    ports.settle(vec![door("front")]);
    assert_eq!(ports.doors(), []);
}
