//! Keys that are rotated, and what is readable without them.
use crate::fitness::{desk, try_file};
use crate::place::Place;
use crate::roster::sheet;
use crate::support::{School, pupil, scratch};
use diesel::prelude::*;
use qinghe::names::Sex;
use qinghe::platform::db::Address;
use qinghe::platform::keys::{Keys, Purpose};
use qinghe::roster::{DOCUMENT_PLACE, NUMBER_PLACE};
use qinghe::schema::student;
use std::io::Read;
use std::path::PathBuf;

/// The installation with keys of its own, so that other tests keep theirs.
fn place_of(school: &School) -> (Place, Keys) {
    let shared = Place::of(school);
    let folder = scratch().join(uuid::Uuid::now_v7().to_string());
    std::fs::create_dir_all(&folder).unwrap();
    for entry in std::fs::read_dir(&shared.keys).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let old = Keys::load(&folder).unwrap();
    (Place { keys: folder, ..shared }, old)
}

fn sealed(school: &School) -> Vec<(String, Vec<u8>, String, Vec<u8>)> {
    let rows: Vec<(String, Vec<u8>, String, Option<Vec<u8>>)> = student::table
        .order(student::id)
        .select((student::name, student::number_sealed, student::number_hash, student::document_sealed))
        .load(&mut school.raw())
        .unwrap();
    rows.into_iter().map(|(name, number, hash, document)| (name, number, hash, document.unwrap())).collect()
}

#[actix_web::test]
async fn a_rotation_seals_every_number_anew_and_the_old_key_opens_nothing() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    // A guardian with a telephone number, and a slip that is not used yet.
    let slips = format!("/class/{}/slips", school.map.class);
    let slip = async |student: qinghe::names::StudentId| {
        let page = lin.post(&slips, &[("student", &student.to_string())]).await.text;
        let at = page.find(r#"<p class="code">"#).unwrap_or_else(|| panic!("{page}")) + 16;
        page[at..at + 9].to_owned()
    };
    let used = slip(school.map.guan).await;
    let cat = "灶台上的黑猫第七只";
    let form = [
        ("name", "关大山"),
        ("relation", "祖父"),
        ("login", "13800001111"),
        ("password", cat),
        ("again", cat),
        ("consent", "yes"),
    ];
    let joined = school.visitor().submit(&format!("/join/{used}"), &form).await;
    assert!(matches!(joined.status, 200 | 303), "{}", joined.text);
    let open = slip(school.map.chen).await;
    let (place, old) = place_of(&school);
    let before = sealed(&school);
    let phone = "account_phone";
    assert_eq!(school.count(phone), 1);

    let (code, said, complaint) = place.run(&["keys", "rotate"]);
    assert!(code == 0 && said.contains("重新加密"), "{said}{complaint}");
    let new = Keys::load(&place.keys).unwrap();
    assert_eq!(new.names().filter(|(purpose, _)| *purpose == Purpose::Seal).count(), 1, "the old one is laid aside");
    let after = sealed(&school);
    for ((name, was, hash, _), (_, is, now, document)) in before.iter().zip(&after) {
        assert!(was != is && hash != now, "{name}");
        assert!(old.open(NUMBER_PLACE, is).is_err() && old.open(DOCUMENT_PLACE, document).is_err(), "{name}");
        assert!(new.open(NUMBER_PLACE, was).is_err(), "what was sealed before opens no more: {name}");
        let opened = String::from_utf8(new.open(NUMBER_PLACE, is).unwrap()).unwrap();
        assert_eq!(*now, new.fingerprint(NUMBER_PLACE, &opened), "{name}");
    }
    let (code, listed, complaint) = place.run(&["keys", "list"]);
    assert!(code == 0 && listed.lines().all(|line| line.starts_with('在')), "{listed}{complaint}");
    assert_eq!(listed.lines().filter(|line| line.contains(" seal ")).count(), 1, "{listed}");
    let (code, said, _) = place.run(&["journal", "check"]);
    assert_eq!(code, 0, "{said}");

    // The house goes on with the new keys: the number, the telephone and the slip are found.
    let school = school.arranged(|house| house.keys = new);
    let pe = school.sign_in_now("peng").await;
    let number = pupil("李沐阳", 1, 1, Sex::Male).number;
    let row = vec![number.as_str(), "李沐阳", "165"];
    let tried = try_file(&school, &pe, &sheet(&["学籍号", "姓名", "身高"], &[row]), "first").await;
    assert!(tried.text.contains(r#"<dd class="num">1<small>行可以收"#), "{}", tried.text);
    let wrong = vec![number.as_str(), "关雪晴", "150"];
    let tried = try_file(&school, &pe, &sheet(&["学籍号", "姓名", "身高"], &[wrong]), "first").await;
    assert!(tried.text.contains("这个学籍号是李沐阳的"), "found by its new hash: {}", tried.text);
    assert_eq!(pe.get(&desk(&school)).await.status, 200);
    let held = school.sign_in_now("li-parent").await.get(&format!("/child/{}/data", school.map.li)).await.text;
    assert!(held.contains(&number[..7]) && !held.contains(&number), "shown masked as before");
    assert_eq!(school.visitor().get(&format!("/join/{open}")).await.status, 200, "a slip on paper still opens");
    assert_ne!(school.visitor().get(&format!("/join/{used}")).await.status, 200, "and a used one does not");
}

#[actix_web::test]
async fn without_its_new_keys_nothing_is_served_and_without_old_ones_nothing_is_rotated() {
    let school = School::open();
    let (place, _) = place_of(&school);
    let copy = scratch().join(uuid::Uuid::now_v7().to_string());
    std::fs::create_dir_all(&copy).unwrap();
    for entry in std::fs::read_dir(&place.keys).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    assert_eq!(place.run(&["keys", "rotate"]).0, 0);
    let old = Place { database: place.database.clone(), files: place.files.clone(), keys: copy };
    let (code, _, complaint) = old.run(&["keys", "rotate"]);
    assert!(code != 0 && complaint.contains("钥匙"), "{complaint}");
    let (code, listed, _) = old.run(&["keys", "list"]);
    assert!(code == 1 && listed.contains("缺"), "{listed}");
    let (code, _, complaint) = old.run(&["serve"]);
    assert!(code != 0 && complaint.contains("钥匙"), "{complaint}");
    let again = Keys::load(&place.keys).unwrap();
    assert!(again.open(NUMBER_PLACE, &sealed(&school)[0].1).is_ok(), "and what was sealed is unharmed");
}

#[actix_web::test]
async fn a_stolen_database_or_backup_shows_no_number() {
    let school = School::open();
    let place = Place::of(&school);
    let archive: PathBuf = scratch().join(format!("{}.zip", uuid::Uuid::now_v7()));
    assert_eq!(place.run(&["backup", archive.to_str().unwrap()]).0, 0);
    let mut stolen: Vec<Vec<u8>> = Vec::new();
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&archive).unwrap()).unwrap();
    for n in 0..zip.len() {
        let mut bytes = Vec::new();
        zip.by_index(n).unwrap().read_to_end(&mut bytes).unwrap();
        stolen.push(bytes);
    }
    // The file itself, and what waits beside it; a server's tables lie in the backup as they are.
    if let Address::Sqlite(path) = &place.database {
        for file in [path.clone(), PathBuf::from(format!("{}-wal", path.display()))] {
            stolen.extend(std::fs::read(file).ok());
        }
    }
    let holds = |needle: &str| {
        stolen.iter().any(|bytes| bytes.windows(needle.len()).any(|part| part.eq_ignore_ascii_case(needle.as_bytes())))
    };
    assert!(holds("李沐阳"), "it is the county's database");
    for (serial, sex) in [(1, Sex::Male), (2, Sex::Female), (3, Sex::Female), (4, Sex::Female)] {
        let number = pupil("", 1, serial, sex).number;
        // The whole number, the identity number in it, and its last eight digits.
        for part in [number.as_str(), &number[1..], &number[11..]] {
            assert!(!holds(part), "{part}");
        }
        let encoded = hex::encode(number.as_bytes());
        assert!(!holds(&encoded), "{encoded}");
    }
}
