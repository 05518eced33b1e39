//! The load of `just bench-simulator`: pre-built requests over kept-alive connections, the same for every server.
//!
//! `load ADDRESS REQUESTS.json CONNECTIONS WARM_UP_SECONDS SECONDS`: the file is a list of whole HTTP/1.1 requests, which every
//! connection sends in turn. Prints one JSON object. One thread, so that a server on two cores always has one of them.

#![expect(clippy::print_stdout, reason = "gives its figures")]
#![expect(
    clippy::disallowed_methods,
    reason = "a stopwatch needs the machine's own clock"
)]

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// What one connection saw between the warm-up and the end.
#[derive(Default)]
struct Seen {
    latencies_us: Vec<u32>,
    not_200: u64,
    broken: u64,
    /// The first answer that was not 200.
    example: Option<String>,
}

/// When counting begins and ends.
#[derive(Clone, Copy)]
struct Window {
    from: Instant,
    to: Instant,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, file, connections, warm_up, seconds] = arguments.as_slice() else {
        return Err("load ADDRESS REQUESTS.json CONNECTIONS WARM_UP_SECONDS SECONDS".into());
    };
    let address: SocketAddr = address.parse()?;
    let requests: Vec<String> = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let (connections, warm_up, seconds) = (
        connections.parse::<usize>()?,
        warm_up.parse::<f64>()?,
        seconds.parse::<f64>()?,
    );
    let from = Instant::now() + Duration::from_secs_f64(warm_up);
    let window = Window {
        from,
        to: from + Duration::from_secs_f64(seconds),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let seen = runtime.block_on(LocalSet::new().run_until(all(
        address,
        Rc::from(requests),
        connections,
        window,
    )));
    println!("{}", figures(&seen, connections, seconds));
    Ok(())
}

async fn all(
    address: SocketAddr,
    requests: Rc<[String]>,
    connections: usize,
    window: Window,
) -> Vec<Seen> {
    let lines: Vec<_> = (0..connections)
        .map(|offset| tokio::task::spawn_local(line(address, Rc::clone(&requests), offset, window)))
        .collect();
    let mut seen = Vec::new();
    for line in lines {
        seen.push(line.await.unwrap_or_default());
    }
    seen
}

/// One connection after the other, as the server ends them; one request after the other on each.
async fn line(address: SocketAddr, requests: Rc<[String]>, offset: usize, window: Window) -> Seen {
    let mut seen = Seen::default();
    let mut stream = None;
    let mut received = Vec::with_capacity(64 * 1024);
    for request in requests.iter().cycle().skip(offset) {
        let sent = Instant::now();
        if sent >= window.to {
            break;
        }
        let answered = exchange(&mut stream, address, request.as_bytes(), &mut received).await;
        let now = Instant::now();
        if sent < window.from || now > window.to {
            continue;
        }
        match answered {
            Ok(200) => seen
                .latencies_us
                .push(u32::try_from((now - sent).as_micros()).unwrap_or(u32::MAX)),
            Ok(_) => {
                seen.not_200 += 1;
                seen.example
                    .get_or_insert_with(|| String::from_utf8_lossy(&received).into_owned());
            }
            Err(_) => seen.broken += 1,
        }
    }
    seen
}

/// Sends a request and reads its answer whole; its status. The connection is made when there is none.
async fn exchange(
    kept: &mut Option<TcpStream>,
    address: SocketAddr,
    request: &[u8],
    received: &mut Vec<u8>,
) -> io::Result<u16> {
    received.clear();
    let stream = match kept.take() {
        Some(stream) => stream,
        None => {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            stream
        }
    };
    let mut unsent = request;
    while !unsent.is_empty() {
        match stream.try_write(unsent) {
            Ok(sent) => unsent = unsent.get(sent..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => stream.writable().await?,
            Err(error) => return Err(error),
        }
    }
    loop {
        stream.readable().await?;
        match stream.try_read_buf(received) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error),
        }
        if let Some(answer) = Answer::whole(received) {
            if answer.kept_alive {
                *kept = Some(stream);
            }
            return Ok(answer.status);
        }
    }
}

struct Answer {
    status: u16,
    kept_alive: bool,
}

impl Answer {
    /// What came, once it is all there.
    fn whole(received: &[u8]) -> Option<Self> {
        let end = position(received, b"\r\n\r\n")?;
        let head = std::str::from_utf8(received.get(..end)?).ok()?;
        let body = received.get(end + 4..)?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let (mut length, mut chunked, mut kept_alive) = (0, false, head.starts_with("HTTP/1.1"));
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().ok()?;
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                chunked = value.eq_ignore_ascii_case("chunked");
            } else if name.eq_ignore_ascii_case("connection") {
                kept_alive = !value.eq_ignore_ascii_case("close");
            }
        }
        let whole = match chunked {
            true => body.ends_with(b"0\r\n\r\n"),
            false => body.len() >= length,
        };
        whole.then_some(Self { status, kept_alive })
    }
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

fn figures(seen: &[Seen], connections: usize, seconds: f64) -> Value {
    let mut latencies: Vec<u32> = seen
        .iter()
        .flat_map(|seen| seen.latencies_us.iter().copied())
        .collect();
    latencies.sort_unstable();
    let at = |percent: usize| latencies.get(latencies.len() * percent / 100).copied();
    json!({
        "connections": connections,
        "seconds": seconds,
        "requests": latencies.len(),
        "per_second": (latencies.len() as f64 / seconds).round(),
        "p50_us": at(50),
        "p99_us": at(99),
        "not_200": seen.iter().map(|seen| seen.not_200).sum::<u64>(),
        "broken": seen.iter().map(|seen| seen.broken).sum::<u64>(),
        "example": seen.iter().find_map(|seen| seen.example.as_deref()),
    })
}
