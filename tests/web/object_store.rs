//! Files in an object store: a real S3 server that is not ours, which the tests start.
use crate::backup::{archive_name, word};
use crate::place::Place;
use crate::support::{School, scratch};
use qinghe::platform::db::Address;
use qinghe::platform::files::{Files, sha256_hex};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The server, with one bucket `county`; stopped when dropped.
struct Server {
    program: Child,
    port: u16,
}

impl Server {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let serve = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/object-store/serve");
        let mut program = Command::new(serve)
            .arg(port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(program.try_wait().unwrap().is_none(), "the S3 server stopped; run tests/install test");
            std::thread::yield_now();
        }
        let server = Server { program, port };
        assert_eq!(server.put("/county", b""), 200);
        server
    }

    /// Puts something there as anyone could who has the server's own door.
    fn put(&self, path: &str, bytes: &[u8]) -> u16 {
        let mut line = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let host = format!("127.0.0.1:{}", self.port);
        // The name alone is looked at, so that the server knows whose bucket it is.
        let who =
            "AWS4-HMAC-SHA256 Credential=tester/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
        write!(
            line,
            "PUT {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {who}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            bytes.len()
        )
        .unwrap();
        line.write_all(bytes).unwrap();
        let mut answer = String::new();
        line.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.port)),
            ("AWS_ACCESS_KEY_ID", "tester".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
        ]
    }

    fn files(&self, address: &str) -> Files {
        Files::at(address, |name| self.variables().into_iter().find(|(set, _)| *set == name).map(|(_, value)| value))
            .unwrap()
    }

    /// A place whose files lie here, and how its program runs to an end.
    fn place(&self, address: &str) -> Place {
        Place { files: PathBuf::from(address), ..Place::empty() }
    }

    fn run(&self, place: &Place, words: &[&str]) -> (i32, String, String) {
        let done = place.program(words).envs(self.variables()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.program.kill().unwrap();
        self.program.wait().unwrap();
    }
}

#[test]
fn an_object_store_keeps_files_as_a_folder_does() {
    let server = Server::start();
    let files = server.files("s3://county/qinghe/files");
    assert!(files.is_empty().unwrap());
    let sha256 = files.put("一张照片".as_bytes()).unwrap();
    assert_eq!(files.put("一张照片".as_bytes()).unwrap(), sha256);
    let large: Vec<u8> = (0..3_000_000u32).map(|n| (n / 7) as u8).collect();
    let second = files.put(&large).unwrap();
    assert!(files.get(&second).unwrap() == large);
    assert_eq!(files.get(&sha256).unwrap(), "一张照片".as_bytes());
    let mut both = vec![sha256.clone(), second.clone()];
    both.sort();
    assert_eq!(files.list().unwrap(), both);
    assert!(!files.is_empty().unwrap());

    // Another prefix, one whose name begins alike, and the whole bucket.
    assert!(server.files("s3://county/qinghe/fil").list().unwrap().is_empty());
    assert!(server.files("s3://county/elsewhere").is_empty().unwrap());
    assert!(server.files("s3://county").list().unwrap().is_empty(), "what lies deeper is not this store's");
    let whole = server.files("s3://county");
    let third = whole.put(b"at the root").unwrap();
    assert_eq!(whole.list().unwrap(), [third]);

    assert_eq!(server.put(&format!("/county/qinghe/files/{}/{}", &sha256[..2], &sha256[2..]), b"changed"), 200);
    assert_eq!(files.get(&sha256).unwrap_err().kind(), ErrorKind::InvalidData);
    assert!(files.get("../../somewhere").is_err() && files.delete("../../somewhere").is_err());

    files.delete(&sha256).unwrap();
    files.delete(&sha256).unwrap();
    assert_eq!(files.get(&sha256).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(files.list().unwrap(), [second]);
}

#[test]
fn what_is_set_wrong_is_told_and_nothing_waits_for_ever() {
    let server = Server::start();
    let without = |missing: &str| {
        Files::at("s3://county", |name| {
            server.variables().into_iter().find(|(set, _)| *set == name && name != missing).map(|(_, value)| value)
        })
    };
    for missing in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        assert!(without(missing).err().unwrap().to_string().contains(missing));
    }
    assert!(Files::at("s3://", |_| None).err().unwrap().to_string().contains("桶名还空着"));
    assert_eq!(server.files("s3://nowhere").put(b"x").unwrap_err().kind(), ErrorKind::NotFound);
    // Https at a port that speaks plain http: refused, not sent in the clear.
    let secure = |name: &str| match name {
        "AWS_ENDPOINT_URL" => Some(format!("https://127.0.0.1:{}", server.port)),
        _ => server.variables().into_iter().find(|(set, _)| *set == name).map(|(_, value)| value),
    };
    let started = std::time::Instant::now();
    assert!(Files::at("s3://county", secure).unwrap().put(b"x").is_err());
    assert!(started.elapsed().as_secs() < 60);
    let files = server.files("s3://county");
    drop(server);
    let started = std::time::Instant::now();
    assert!(files.put(b"x").is_err());
    assert!(started.elapsed().as_secs() < 60);

    let school = School::open();
    let place = Place { files: PathBuf::from("s3://county/x"), ..Place::of(&school) };
    let (code, _, complaint) = place.run(&["backup", word(&archive_name())]);
    assert!(code != 0 && complaint.contains("AWS_ACCESS_KEY_ID"), "{complaint}");
}

#[test]
fn a_backup_carries_files_from_a_folder_to_an_object_store_and_back() {
    let server = Server::start();
    let school = School::open();
    let here = Place::of(&school);
    let kept = Files::in_folder(&here.files);
    let some: Vec<String> = (0..3).map(|n| kept.put(format!("第 {n} 张").repeat(5000).as_bytes()).unwrap()).collect();
    let mut wanted = some.clone();
    wanted.sort();
    let first = archive_name();
    assert_eq!(here.run(&["backup", word(&first)]).0, 0);

    let there = server.place("s3://county/restored");
    let (code, _, complaint) = server.run(&there, &["restore", word(&first)]);
    assert_eq!(code, 0, "{complaint}");
    let in_bucket = server.files("s3://county/restored");
    assert_eq!(in_bucket.list().unwrap(), wanted);
    // A prefix in use is not filled again.
    let (code, _, complaint) = server.run(&server.place("s3://county/restored"), &["restore", word(&first)]);
    assert!(code != 0 && complaint.contains("s3://county/restored 不是空的"), "{complaint}");

    let second = archive_name();
    let (code, _, complaint) = server.run(&there, &["backup", word(&second)]);
    assert_eq!(code, 0, "{complaint}");
    let back = Place::empty();
    let (code, _, complaint) = back.run(&["restore", word(&second)]);
    assert_eq!(code, 0, "{complaint}");
    for sha256 in &some {
        assert_eq!(sha256_hex(&Files::in_folder(&back.files).get(sha256).unwrap()), *sha256);
    }
}

#[test]
fn a_restore_that_fails_leaves_no_object_behind() {
    let server = Server::start();
    let school = School::open();
    let here = Place::of(&school);
    Files::in_folder(&here.files).put("一张照片".as_bytes()).unwrap();
    let archive = archive_name();
    assert_eq!(here.run(&["backup", word(&archive)]).0, 0);
    let in_the_way = scratch().join("a file, not a folder");
    std::fs::write(&in_the_way, "").unwrap();
    let nowhere =
        Place { database: Address::Sqlite(in_the_way.join("qinghe.sqlite")), ..server.place("s3://county/half") };
    assert_ne!(server.run(&nowhere, &["restore", word(&archive)]).0, 0);
    assert!(server.files("s3://county/half").is_empty().unwrap());
}
