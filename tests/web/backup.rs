//! What was saved comes back: taken while others write, put back elsewhere, and
//! nothing of an archive that is not whole.
use crate::place::Place;
use crate::support::{School, scratch};
use diesel::prelude::*;
use qinghe::names::Cohort;
use qinghe::on;
use qinghe::platform::db::Address;
use qinghe::platform::files::Files;
use qinghe::roster::OpenClass;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

pub fn archive_name() -> PathBuf {
    scratch().join(format!("{}.zip", uuid::Uuid::now_v7()))
}

pub fn word(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Everything an archive holds: the rows of each table, in no order, and the
/// SHA-256 of each file.
fn held(archive: &Path) -> BTreeMap<String, Vec<String>> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(archive).unwrap()).unwrap();
    let manifest: Value = serde_json::from_reader(zip.by_name("manifest.json").unwrap()).unwrap();
    let entries = manifest["entries"].as_object().unwrap();
    let held = |(name, entry): (&String, &Value)| {
        let mut what = vec![entry["sha256"].to_string()];
        if name.ends_with("jsonl") {
            let text = std::io::read_to_string(zip.by_name(name).unwrap()).unwrap();
            what = text.lines().map(|row| serde_json::from_str::<Value>(row).unwrap().to_string()).collect();
            what.sort();
        }
        (name.clone(), what)
    };
    entries.iter().map(held).collect()
}

/// Backs up, and says what was held.
fn backed_up(place: &Place) -> (PathBuf, BTreeMap<String, Vec<String>>) {
    let archive = archive_name();
    let (code, _, complaint) = place.run(&["backup", word(&archive)]);
    assert_eq!(code, 0, "{complaint}");
    let held = held(&archive);
    (archive, held)
}

fn restored(archive: &Path, place: &Place) {
    let (code, said, complaint) = place.run(&["restore", word(archive)]);
    assert_eq!(code, 0, "{complaint}");
    assert!(said.contains("qinghe journal check"), "{said}");
}

fn nothing_is_there(place: &Place) -> bool {
    let database = match &place.database {
        Address::Sqlite(path) => !path.exists() && !Path::new(&format!("{}.restoring", path.display())).exists(),
        Address::Postgres(_) => {
            // What says so is that a backup finds no county.
            place.run(&["backup", word(&archive_name())]).2.contains("数据库是空的")
        }
    };
    database && Files::in_folder(&place.files).list().unwrap().is_empty()
}

fn copy_keys(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// Five kept PDFs, and a sealed file with bytes of every kind.
fn keep_some(school: &School, place: &Place) -> Vec<String> {
    let all_bytes: Vec<u8> = (0..=255).collect();
    let sha256 = qinghe::platform::files::sha256_hex(&all_bytes);
    let literal = hex::encode(&all_bytes);
    let mut conn = school.raw();
    let bytes = match conn {
        qinghe::platform::db::Conn::Sqlite(_) => format!("x'{literal}'"),
        qinghe::platform::db::Conn::Postgres(_) => format!("'\\x{literal}'"),
    };
    let insert = format!("INSERT INTO sealed_file (school_id, sha256, bytes) VALUES (1, '{sha256}', {bytes})");
    on!(&mut conn, c => diesel::sql_query(insert).execute(c)).unwrap();
    let files = Files::in_folder(&place.files);
    (0..5).map(|n| files.put(format!("%PDF-1.7 第 {n} 份\n").repeat(9_000).as_bytes()).unwrap()).collect()
}

fn count(place: &Place, query: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let count: Count = match &place.database {
        Address::Sqlite(path) => {
            diesel::sql_query(query).get_result(&mut SqliteConnection::establish(word(path)).unwrap())
        }
        Address::Postgres(url) => {
            let conn = &mut PgConnection::establish(url).unwrap();
            diesel::sql_query("SET qinghe.owner = '*'").execute(conn).unwrap();
            diesel::sql_query(query).get_result(conn)
        }
    }
    .unwrap();
    count.n
}

#[actix_web::test]
async fn a_backup_taken_while_others_write_comes_back_whole_elsewhere() {
    let school = School::open();
    let place = Place::of(&school);
    let pdfs = keep_some(&school, &place);
    let office = school.operator().school_office("3121042101").await.unwrap();
    let archive = archive_name();
    let mut backup = place.program(&["backup", word(&archive)]).stdout(Stdio::null()).spawn().unwrap();
    let (mut opened, mut number) = (0_i64, 10);
    let ended = loop {
        let cohort = Cohort(2001 + number % 20);
        number += 1;
        let class = OpenClass { cohort, number: 20 + number / 20 };
        office.act(move |_| Ok(class)).await.unwrap();
        opened += 1;
        if let Some(ended) = backup.try_wait().unwrap() {
            break ended;
        }
        assert!(number < 700, "the backup goes on for ever");
    };
    assert!(ended.success());

    let elsewhere = Place::empty();
    restored(&archive, &elsewhere);
    copy_keys(&place.keys, &elsewhere.keys);
    let (code, said, complaint) = elsewhere.run(&["journal", "check"]);
    assert_eq!(code, 0, "{said}{complaint}");
    let classes = count(&elsewhere, "SELECT count(*) AS n FROM class WHERE school_id = 1");
    let lines = count(&elsewhere, "SELECT count(*) AS n FROM journal WHERE school_id = 1 AND verb = 'class_opened'");
    assert_eq!(classes, lines, "rows and journal are of one moment");
    assert!((2..=2 + opened).contains(&classes));
    for pdf in &pdfs {
        let (here, there) = (Files::in_folder(&place.files).get(pdf), Files::in_folder(&elsewhere.files).get(pdf));
        assert_eq!(here.unwrap(), there.unwrap());
    }
    assert_eq!(held(&archive), backed_up(&elsewhere).1, "every row of every table");
    let (code, status, complaint) = elsewhere.run(&["status", "--school", "3121042101"]);
    assert!(code == 0 && status.contains("等"), "{status}{complaint}");
}

/// Every PDF of a cohort's portfolios, by its name.
fn portfolios(place: &Place) -> BTreeMap<PathBuf, Vec<u8>> {
    let out = scratch().join(uuid::Uuid::now_v7().to_string());
    let words = ["portfolio", "--school", "3121042101", "--cohort", "2023", "--out", word(&out)];
    let (code, _, complaint) = place.run(&words);
    assert_eq!(code, 0, "{complaint}");
    let mut pdfs = BTreeMap::new();
    for class in std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for pdf in std::fs::read_dir(class).unwrap().map(|entry| entry.unwrap().path()) {
            pdfs.insert(pdf.strip_prefix(&out).unwrap().to_owned(), std::fs::read(&pdf).unwrap());
        }
    }
    pdfs
}

#[test]
fn a_graduated_class_is_printed_the_same_after_a_restore() {
    let data = scratch().join(uuid::Uuid::now_v7().to_string());
    let database = match Place::empty().database {
        Address::Sqlite(_) => Address::Sqlite(data.join("qinghe.sqlite")),
        server => server,
    };
    let place = Place { database, files: data.join("files"), keys: data.join("keys") };
    let small = ["--schools", "1", "--classes", "1", "--pupils", "5", "--today", "2026-11-24", "--no-serve"];
    let (code, _, complaint) = place.run(&[&["demo", "--data", word(&data)], &small[..]].concat());
    assert_eq!(code, 0, "{complaint}");
    let printed = portfolios(&place);
    assert_eq!(printed.len(), 10, "five portfolios and their five credentials");
    let (archive, here) = backed_up(&place);

    let elsewhere = Place::empty();
    restored(&archive, &elsewhere);
    copy_keys(&place.keys, &elsewhere.keys);
    let (code, said, complaint) = elsewhere.run(&["journal", "check"]);
    assert_eq!(code, 0, "{said}{complaint}");
    assert_eq!(here, backed_up(&elsewhere).1, "sealed terms come back although nothing is written after a seal");
    assert!(printed == portfolios(&elsewhere), "five PDFs, byte for byte");
}

#[actix_web::test]
async fn what_came_back_is_guarded_as_before() {
    let school = School::open();
    let (archive, _) = backed_up(&Place::of(&school));
    let elsewhere = Place::empty();
    restored(&archive, &elsewhere);
    let update = "UPDATE journal SET verb = verb";
    let refused = match &elsewhere.database {
        Address::Sqlite(path) => {
            diesel::sql_query(update).execute(&mut SqliteConnection::establish(word(path)).unwrap())
        }
        Address::Postgres(url) => diesel::sql_query(update).execute(&mut PgConnection::establish(url).unwrap()),
    };
    assert!(refused.unwrap_err().to_string().contains("append-only"));
}

#[actix_web::test]
async fn a_county_moves_between_the_engines() {
    let school = School::open();
    let place = Place::of(&school);
    keep_some(&school, &place);
    let (archive, here) = backed_up(&place);
    let file = scratch().join(format!("{}.sqlite", uuid::Uuid::now_v7()));
    let on_sqlite = Place { database: Address::Sqlite(file), ..Place::empty() };
    restored(&archive, &on_sqlite);
    let (again, there) = backed_up(&on_sqlite);
    assert_eq!(here, there);
    let back = Place::empty();
    restored(&again, &back);
    assert_eq!(here, backed_up(&back).1);
}

#[actix_web::test]
async fn an_archive_cut_changed_or_foreign_is_refused_and_nothing_put_in_place() {
    let school = School::open();
    let place = Place::of(&school);
    keep_some(&school, &place);
    let (archive, wanted) = backed_up(&place);
    let whole = std::fs::read(&archive).unwrap();
    let mut elsewhere = Place::empty();
    let attempt = |elsewhere: &Place, bytes: &[u8]| {
        let path = archive_name();
        std::fs::write(&path, bytes).unwrap();
        let (code, _, complaint) = elsewhere.run(&["restore", word(&path)]);
        (code, complaint)
    };
    for foreign in [b"".as_slice(), b"PK\x03\x04", "学号,姓名".as_bytes()] {
        let (code, complaint) = attempt(&elsewhere, foreign);
        assert!(code != 0 && complaint.contains("不是青禾的备份"), "{complaint}");
    }
    for part in 1..8 {
        let (code, complaint) = attempt(&elsewhere, &whole[..whole.len() * part / 8]);
        assert!(code != 0 && complaint.contains("什么也没有动"), "{complaint}");
    }
    let mut refused = 0;
    for at in (0..48).map(|n| whole.len() * n / 48) {
        let mut changed = whole.clone();
        changed[at] ^= 0x20;
        let (code, complaint) = attempt(&elsewhere, &changed);
        if code == 0 {
            // A byte that says nothing about what is held, such as a time of day.
            assert_eq!(backed_up(&elsewhere).1, wanted);
            elsewhere = Place::empty();
        } else {
            refused += 1;
            assert!(complaint.contains("什么也没有动"), "{complaint}");
        }
    }
    assert!(refused > 40 && nothing_is_there(&elsewhere), "{refused}");
}

#[actix_web::test]
async fn an_entry_exchanged_for_another_is_found() {
    let school = School::open();
    let (archive, _) = backed_up(&Place::of(&school));
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&archive).unwrap()).unwrap();
    let forged = archive_name();
    let mut to = zip::ZipWriter::new(std::fs::File::create(&forged).unwrap());
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).unwrap();
        let name = entry.name().unwrap().to_string();
        let mut text = std::io::read_to_string(&mut entry).unwrap();
        if name == "rows/account.jsonl" {
            text = text.replace("林静", "林净");
        }
        to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut to, text.as_bytes()).unwrap();
    }
    to.finish().unwrap();
    let elsewhere = Place::empty();
    let (code, _, complaint) = elsewhere.run(&["restore", word(&forged)]);
    assert!(code == 1 && complaint.contains("rows/account.jsonl"), "{complaint}");
    assert!(nothing_is_there(&elsewhere));
}

#[actix_web::test]
async fn only_an_empty_place_is_filled_and_no_archive_overwritten() {
    let school = School::open();
    let place = Place::of(&school);
    let (archive, _) = backed_up(&place);
    let (code, _, complaint) = place.run(&["restore", word(&archive)]);
    assert!(code != 0 && complaint.contains("不是空的"), "{complaint}");
    let elsewhere = Place::empty();
    Files::in_folder(&elsewhere.files).put(b"somebody else's").unwrap();
    let (code, _, complaint) = elsewhere.run(&["restore", word(&archive)]);
    assert!(code != 0 && complaint.contains("不是空的"), "{complaint}");
    let (code, _, complaint) = place.run(&["backup", word(&archive)]);
    assert!(code != 0 && complaint.contains("已经有了"), "{complaint}");
}

#[actix_web::test]
async fn keys_stay_out_unless_sealed_to_someone() {
    let school = School::open();
    let place = Place::of(&school);
    let (bare, entries) = backed_up(&place);
    assert!(!entries.contains_key("keys.age"));
    let (code, _, complaint) = place.run(&["backup", word(&archive_name()), "--keys-for", "age1nobody"]);
    assert!(code != 0 && complaint.contains("age 公钥"), "{complaint}");

    let identity = age::x25519::Identity::generate();
    let archive = archive_name();
    let (code, said, complaint) =
        place.run(&["backup", word(&archive), "--keys-for", &identity.to_public().to_string()]);
    assert!(code == 0 && said.contains("钥匙也在里面"), "{complaint}");
    for entry in std::fs::read_dir(&place.keys).unwrap() {
        let key: Value = serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let secret = key["secret"].as_str().unwrap().lines().next().unwrap().to_owned();
        for archive in [&bare, &archive] {
            let bytes = std::fs::read(archive).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
    }

    let file = |identity: &age::x25519::Identity| {
        use age::secrecy::ExposeSecret;
        let path = scratch().join(format!("{}.txt", uuid::Uuid::now_v7()));
        std::fs::write(&path, format!("# created: today\n{}\n", identity.to_string().expose_secret())).unwrap();
        path
    };
    let elsewhere = Place::empty();
    let stranger = file(&age::x25519::Identity::generate());
    let (code, _, complaint) = elsewhere.run(&["restore", word(&archive), "--identity", word(&stranger)]);
    assert!(code != 0 && complaint.contains("另一个公钥"), "{complaint}");
    assert!(nothing_is_there(&elsewhere) && !elsewhere.keys.exists());

    let (code, said, complaint) = elsewhere.run(&["restore", word(&archive), "--identity", word(&file(&identity))]);
    assert!(code == 0 && !said.contains("还缺钥匙"), "{said}{complaint}");
    let (code, said, complaint) = elsewhere.run(&["journal", "check"]);
    assert_eq!(code, 0, "{said}{complaint}");
}

#[actix_web::test]
async fn a_kept_file_that_was_damaged_is_told_and_the_rest_is_backed_up() {
    let school = School::open();
    let place = Place::of(&school);
    let pdfs = keep_some(&school, &place);
    std::fs::write(place.files.join(&pdfs[0][..2]).join(&pdfs[0][2..]), "damaged").unwrap();
    let archive = archive_name();
    let (code, _, complaint) = place.run(&["backup", word(&archive)]);
    assert!(code == 1 && complaint.contains(&pdfs[0]), "{complaint}");
    restored(&archive, &Place::empty());
}
