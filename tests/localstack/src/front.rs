//! A simulator in front of LocalStack's S3, in a thread: what is asked of it is counted.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use backstay_simulator::server::{Pace, Server, ServerOptions, TaskRuntime, Throttling, Worlds};
use backstay_simulator::{Weather, World};

/// Ends with the process.
pub(crate) struct Front {
    address: SocketAddr,
}

impl Front {
    pub(crate) fn of(localstack: &str) -> Result<Self, Box<dyn Error>> {
        let world = World::new(
            "123456789012",
            "us-east-1",
            1,
            Weather::Calm,
            1_767_225_600_000,
        );
        let options = ServerOptions {
            pace: Pace::Running(1.0),
            state: None,
            throttling: Throttling::Off,
            upstream: Some(localstack.parse()?),
            forward: vec!["s3".parse()?],
            tasks: TaskRuntime::Scripted,
        };
        let server = Server::new(options, Worlds::starting_with(world, 1))?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        thread::spawn(move || {
            runtime.block_on(async {
                if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                    let _ = server.serve(listener, std::future::pending()).await;
                }
            });
        });
        Ok(Self { address })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn make_bucket(&self, account: &str, bucket: &str) -> Result<(), Box<dyn Error>> {
        let made = self.ask(&format!(
            "PUT /{bucket} HTTP/1.1\r\nHost: s3\r\nConnection: close\r\nContent-Length: 0\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential={account}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n"
        ))?;
        match made.starts_with("HTTP/1.1 200") {
            true => Ok(()),
            false => Err(format!("LocalStack makes no bucket: {made}").into()),
        }
    }

    /// Requests that went on to LocalStack; those that it refused, and those that failed.
    pub(crate) fn counts(&self) -> Result<[u64; 3], Box<dyn Error>> {
        let counted = self.ask("GET /_backstay/calls HTTP/1.1\r\nConnection: close\r\n\r\n")?;
        let (_, body) = counted.split_once("\r\n\r\n").unwrap_or_default();
        let counted: serde_json::Value = serde_json::from_str(body)?;
        let of = |name: &str| counted["upstream"][name].as_u64().unwrap_or(0);
        Ok(["sent", "refused", "failed"].map(of))
    }

    fn ask(&self, request: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}
