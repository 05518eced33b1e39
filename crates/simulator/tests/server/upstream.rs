//! What is not served here goes to the upstream as it came, and its reply comes back as it is.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::raw::Line;
use crate::support::Served;

const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/sa-east-1/ec2/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7\r\n";
const REPLY: &[u8] = b"HTTP/1.1 418 Teapot\r\nServer: Werkzeug\r\nX-Odd-CASE: 1\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 5\r\n\r\n\x00\xff<a>";

/// A server that knows one reply; each request that it got is given to the receiver, to the byte.
fn upstream(reply: &'static [u8]) -> (String, Receiver<Vec<u8>>) {
    let (got, gotten) = channel();
    let address = listening(move |stream| {
        let _ = got.send(request(&stream));
        let _ = (&stream).write_all(reply);
    });
    (format!("http://{address}"), gotten)
}

/// Handles each connection in turn, until the test ends.
pub(crate) fn listening(mut handle: impl FnMut(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().flatten().for_each(&mut handle));
    address
}

/// Reads one request with a Content-Length, or with chunks.
pub(crate) fn request(stream: &TcpStream) -> Vec<u8> {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        assert_ne!(reader.read_until(b'\n', &mut head).unwrap(), 0);
    }
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let header = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
    if header("transfer-encoding: chunked").is_some() {
        while !head.ends_with(b"0\r\n\r\n") {
            assert_ne!(reader.read_until(b'\n', &mut head).unwrap(), 0);
        }
        return head;
    }
    let length = header("content-length: ").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    head.extend(body);
    head
}

/// Reads until the other side closes.
pub(crate) fn until_closed(mut stream: &TcpStream) -> usize {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap_or(0)
}

fn one_more(gotten: &Receiver<Vec<u8>>) -> String {
    let request = gotten.recv_timeout(std::time::Duration::from_secs(20));
    String::from_utf8_lossy(&request.unwrap()).into_owned()
}

#[test]
fn a_service_that_is_not_simulated_is_forwarded_byte_for_byte() {
    let (url, gotten) = upstream(REPLY);
    let served = Served::in_front_of(&url);
    let sent = format!(
        "POST /path%20with/%7Echaracters?B=2&a=1%2F HTTP/1.1\r\nHost: ec2.sa-east-1.amazonaws.com\r\n{SIGNED}X-Amz-Date: \
         20260101T000000Z\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 44\r\n\r\n\
         Action=DescribeVpcs&Version=2016-11-15&x=%2F"
    );
    let mut line = Line::to(served.address);
    line.send(sent.as_bytes()).unwrap();
    let answer = line.answer("POST").unwrap();
    assert_eq!(one_more(&gotten), sent);
    assert_eq!(answer.status, 418);
    assert_eq!(answer.header("x-backstay-served-by"), Some("upstream"));
    assert_eq!(answer.header("server"), Some("Werkzeug"));
    assert_eq!(answer.header("date"), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
    assert_eq!(answer.body, b"\x00\xff<a>");
}

#[test]
fn an_operation_that_a_simulated_service_does_not_know_is_forwarded_too() {
    let (url, gotten) = upstream(REPLY);
    let served = Served::in_front_of(&url);
    let mut line = Line::to(served.address);
    let target = "x-amz-target: AmazonEC2ContainerServiceV20141113.RegisterContainerInstance\r\n";
    let answer = line.ask("POST", "/", target, "{\"task\": \"t\"}").unwrap();
    assert_eq!(answer.header("x-backstay-served-by"), Some("upstream"));
    assert!(one_more(&gotten).ends_with("{\"task\": \"t\"}"));
    // Nor does AWS know this one, as far as is known here.
    let target = "x-amz-target: AmazonEC2ContainerServiceV20141113.NewerThanOurModel\r\n";
    let answer = line.ask("POST", "/", target, "{\"new\": 1}").unwrap();
    assert_eq!(answer.header("x-backstay-served-by"), Some("upstream"));
    assert!(one_more(&gotten).ends_with("{\"new\": 1}"));
    let target = "x-amz-target: AmazonEC2ContainerServiceV20141113.DescribeClusters\r\n";
    let answer = line.ask("POST", "/", target, "{}").unwrap();
    assert_eq!(answer.header("x-backstay-served-by"), Some("backstay"));
    assert_eq!(answer.status, 200);
}

/// Made there and asked for here, it would be found nowhere: who makes a thing answers for it.
#[test]
fn what_only_half_could_be_kept_of_is_refused_by_name() {
    let (url, gotten) = upstream(REPLY);
    let served = Served::in_front_of(&url);
    let mut line = Line::to(served.address);
    let mut form = |scope: &str, body: &str| {
        let signed = SIGNED.replace("/ec2/", &format!("/{scope}/"));
        let head = format!("{signed}Content-Type: application/x-www-form-urlencoded\r\n");
        let answer = line.ask("POST", "/", &head, body).unwrap();
        (
            answer.status,
            String::from_utf8_lossy(&answer.body).into_owned(),
        )
    };
    for (scope, body, named) in [
        (
            "rds",
            "Action=CreateDBCluster&Version=2014-10-31&DBClusterIdentifier=a&Engine=aurora",
            "rds.CreateDBCluster",
        ),
        (
            "elasticloadbalancing",
            "Action=CreateLoadBalancer&Version=2015-12-01&Name=a&Type=gateway&Subnets.member.1=s",
            "gateway",
        ),
        (
            "cloudformation",
            "Action=CreateStack&Version=2010-05-15&StackName=a&TemplateBody=AWS::ECS::Cluster+AWS::S3::Bucket",
            "cloudformation.CreateStack of AWS::ECS, AWS::S3",
        ),
        (
            "cloudformation",
            "Action=CreateStack&Version=2010-05-15&StackName=a&TemplateURL=https://b.example/t.yaml",
            "of a TemplateURL",
        ),
    ] {
        let (status, text) = form(scope, body);
        assert_eq!(status, 501, "{body}: {text}");
        assert!(text.contains(named), "{body}: {text}");
    }
    assert!(gotten.try_recv().is_err(), "nothing of it went there");
    // What is the upstream's wholly goes there.
    for (scope, body) in [
        (
            "rds",
            "Action=CreateOptionGroup&Version=2014-10-31&OptionGroupName=a",
        ),
        (
            "cloudformation",
            "Action=CreateStack&Version=2010-05-15&StackName=a&TemplateBody=AWS::IAM::Role",
        ),
    ] {
        let (status, _) = form(scope, body);
        assert_eq!(status, 418, "{body}");
        assert!(one_more(&gotten).ends_with(body));
    }
}

#[test]
fn chunks_stay_chunks_and_a_large_body_is_not_kept_back() {
    let (url, gotten) = upstream(REPLY);
    let served = Served::in_front_of(&url);
    let head = format!(
        "POST /2015-03-31/functions HTTP/1.1\r\nHost: lambda\r\n{}Transfer-Encoding: chunked\r\n\r\n",
        SIGNED.replace("/ec2/", "/lambda/")
    );
    let mut line = Line::to(served.address);
    line.send(format!("{head}5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n").as_bytes())
        .unwrap();
    assert_eq!(line.answer("POST").unwrap().status, 418);
    let request = one_more(&gotten);
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let text: String = body.lines().skip(1).step_by(2).collect();
    assert_eq!(text, "hello, world");
}

#[test]
fn a_reply_arrives_while_it_is_still_being_written() {
    let (go, gone): (Sender<()>, Receiver<()>) = channel();
    let address = listening(move |stream| {
        request(&stream);
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst";
        (&stream).write_all(head).unwrap();
        gone.recv().unwrap();
        (&stream).write_all(b"after").unwrap();
    });
    let served = Served::in_front_of(&format!("http://{address}"));
    let mut line = Line::to(served.address);
    let head = format!(
        "GET /tail HTTP/1.1\r\nHost: x\r\n{}\r\n",
        SIGNED.replace("/ec2/", "/lambda/")
    );
    line.send(head.as_bytes()).unwrap();
    let mut stream = line.stream();
    let mut seen = Vec::new();
    while !seen.ends_with(b"first") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        seen.extend(byte);
    }
    go.send(()).unwrap();
    let mut rest = [0; 5];
    stream.read_exact(&mut rest).unwrap();
    assert_eq!(&rest, b"after");
}

#[test]
fn an_upstream_that_is_not_there_is_named() {
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let served = Served::in_front_of(&format!("http://{nobody}"));
    let mut line = Line::to(served.address);
    let answer = line
        .ask("POST", "/", SIGNED, "Action=DescribeVpcs")
        .unwrap();
    assert_eq!(answer.status, 502);
    assert_eq!(answer.header("x-backstay-served-by"), Some("backstay"));
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    assert!(message.contains(&nobody.to_string()), "{message}");
}
