//! What leaves the county carries its signature, and software that is not ours reads it.
use crate::place::Place;
use crate::portfolio::graduate;
use crate::support::{School, scratch};
use qinghe::access::Operator;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A graduated class's portfolios as `qinghe portfolio` writes them, and the county's
/// published keys.
struct Cohort {
    folder: PathBuf,
    jwks: PathBuf,
    manifest: Vec<Value>,
}

impl Cohort {
    async fn of(school: &School) -> Self {
        graduate(school).await;
        let folder = scratch().join(uuid::Uuid::now_v7().to_string());
        let out = folder.join("out");
        let words = ["portfolio", "--school", "3121042101", "--cohort", "2025", "--out", out.to_str().unwrap()];
        let (code, said, complaint) = Place::of(school).run(&words);
        assert_eq!(code, 0, "{said}{complaint}");
        let manifest = serde_json::from_slice(&std::fs::read(out.join("manifest.json")).unwrap()).unwrap();
        let jwks = folder.join("jwks.json");
        std::fs::write(&jwks, school.visitor().get("/.well-known/jwks.json").await.bytes).unwrap();
        Cohort { folder: out, jwks, manifest }
    }

    /// Every file of one kind the manifest names, in its order.
    fn files(&self, kind: &str) -> Vec<PathBuf> {
        self.manifest.iter().map(|row| self.folder.join(row[kind].as_str().unwrap())).collect()
    }
}

/// Asks PyJWT, jsonschema and pyHanko.
fn ask(what: &str, jwks: &Path, files: &[PathBuf]) -> Result<String, String> {
    let checker = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/credential/check");
    let done = Command::new(checker).arg(what).arg(jwks).args(files).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    if done.status.success() { Ok(said) } else { Err(said) }
}

fn payload(token: &str) -> Value {
    use base64::Engine as _;
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[actix_web::test]
async fn every_graduate_takes_a_credential_along_that_others_can_read() {
    let school = School::open();
    let cohort = Cohort::of(&school).await;
    assert_eq!(cohort.manifest.len(), 3);
    let (pdfs, credentials) = (cohort.files("file"), cohort.files("credential"));

    assert_eq!(ask("clr", &cohort.jwks, &credentials).unwrap().trim(), "3 credentials are genuine");
    assert_eq!(ask("pdf", &cohort.jwks, &pdfs).unwrap().trim(), "3 PDFs are signed as a whole");

    for ((pdf, credential), row) in pdfs.iter().zip(&credentials).zip(&cohort.manifest) {
        let (pdf, credential) = (std::fs::read(pdf).unwrap(), std::fs::read(credential).unwrap());
        assert_eq!(row["credential_sha256"], qinghe::platform::files::sha256_hex(&credential));
        assert!(crate::pdf::attachment(&pdf, "credential.jwt") == credential, "the same is inside");
        let claims = payload(std::str::from_utf8(&credential).unwrap());
        assert_eq!(
            (claims["iss"].as_str(), claims["issuer"]["name"].as_str()),
            (Some("urn:qinghe:210499"), Some("石泉县教育局"))
        );
        let text = claims.to_string();
        assert!(!text.contains("G2104") && !text.contains("20130305") && !text.contains("localhost"), "{text}");
        let children = claims["credentialSubject"]["verifiableCredential"].as_array().unwrap();
        // Four terms were sealed here, two were spent before the school began.
        assert!(children.iter().all(|child| child["credentialSubject"]["result"].as_array().unwrap().len() == 5));
    }
    let chen = pdfs.iter().find(|path| path.to_string_lossy().contains("陈𠮷䶮")).unwrap();
    crate::pdf::check(&std::fs::read(chen).unwrap(), "陈𠮷䶮", &["毕业成长档案"]);

    // A flipped byte, another county's keys: refused by others as well.
    let mut changed = std::fs::read(chen).unwrap();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    let path = cohort.folder.join("changed.pdf");
    std::fs::write(&path, changed).unwrap();
    ask("pdf", &cohort.jwks, &[path]).unwrap_err();
    let strangers = cohort.folder.join("strangers.json");
    let keys = qinghe::platform::keys::Keys::make(&scratch().join(uuid::Uuid::now_v7().to_string())).unwrap();
    std::fs::write(&strangers, keys.published("urn:qinghe:210499").to_jwks().to_string()).unwrap();
    ask("clr", &strangers, &credentials).unwrap_err();
    ask("pdf", &strangers, &pdfs).unwrap_err();

    // Asked for again, they are the same files.
    let (again, whole) =
        (Operator::at(&school.door).school_office("3121042101").await.unwrap(), cohort.manifest.clone());
    let kept = again.look({
        let whole_school = again.whole_school();
        move |look| qinghe::portfolio::issued(look, whole_school, qinghe::names::Cohort(2025))
    });
    let kept = kept.await.unwrap();
    assert!(
        kept.iter()
            .all(|one| whole.iter().any(|row| row["credential_sha256"].as_str() == one.credential_sha256.as_deref()))
    );
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// A portfolio of the small county changed in one way or another, and what `qinghe
/// verify` must say of it.
fn tampered(token: &str, pdf: &[u8], chains: &Path) -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let parts: Vec<&str> = token.split('.').collect();
    let header = |json: &str| base64(json.as_bytes());
    let kid: Value = serde_json::from_slice(&decoded(parts[0])).unwrap();
    let kid = kid["kid"].as_str().unwrap();
    let better =
        base64(String::from_utf8(decoded(parts[1])).unwrap().replace(":band:good\"", ":band:excellent\"").as_bytes());
    let strangers = qinghe::platform::keys::Keys::make(chains).unwrap();
    let theirs = strangers.sign_as("urn:qinghe:210499", "JWT", &payload(token)).unwrap();
    let (_, body_and_signature) = theirs.split_once('.').unwrap();
    let jwk = strangers.published("urn:qinghe:210499").to_jwks()["keys"][0].to_string();
    let brings = format!("{}.{body_and_signature}", header(&format!(r#"{{"typ":"JWT","alg":"ES256","jwk":{jwk}}}"#)));
    let at = |wanted: &[u8]| pdf.windows(wanted.len()).position(|window| window == wanted).unwrap();
    let flipped = |place: usize| {
        let mut pdf = pdf.to_vec();
        pdf[place] ^= 1;
        pdf
    };
    let signature = pdf.windows(10).rposition(|window| window == b"/Contents<").unwrap();
    let mut unsigned = pdf.to_vec();
    unsigned[at(b"/ByteRange[") + 1..][..9].copy_from_slice(b"ByteRangf");
    let mut longer = pdf.to_vec();
    longer.extend_from_slice(b"\n% more\n");
    vec![
        ("a better band", format!("{}.{better}.{}", parts[0], parts[2]).into_bytes(), "签名对不上"),
        ("alg none", format!("{}.{better}.", header(r#"{"alg":"none","typ":"JWT"}"#)).into_bytes(), "alg: none"),
        (
            "HS256",
            format!("{}.{better}.{}", header(&format!(r#"{{"alg":"HS256","typ":"JWT","kid":"{kid}"}}"#)), parts[2])
                .into_bytes(),
            "HS256",
        ),
        ("a key of its own", brings.into_bytes(), "自带钥匙"),
        ("another county's signature", theirs.into_bytes(), "不在信任的钥匙里"),
        ("a token cut short", token.as_bytes()[..token.len() - 40].to_vec(), "签名对不上"),
        ("a byte of a page", flipped(at(b"stream\n") + 20), "PDF 在签名之后被改过"),
        ("a byte of the signature", flipped(signature + 40), "PDF 上的签名认不出"),
        ("a zero behind the signature", flipped(signature + 3000), "PDF 上的签名认不出"),
        ("something after the end", longer, "又加了内容"),
        ("a PDF cut short", pdf[..pdf.len() / 2].to_vec(), "少了一截"),
        ("no signature at all", unsigned, "没有县里的电子签名"),
    ]
}

fn decoded(part: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()
}

#[actix_web::test]
async fn verify_tells_the_genuine_from_the_changed_without_network_or_database() {
    let school = School::open();
    let cohort = Cohort::of(&school).await;
    let chen = cohort.manifest.iter().position(|row| row["name"] == "陈𠮷䶮").unwrap();
    let (pdf_path, token_path) = (cohort.files("file").remove(chen), cohort.files("credential").remove(chen));
    let (pdf, token) = (std::fs::read(&pdf_path).unwrap(), std::fs::read_to_string(&token_path).unwrap());
    // Nothing but a key set: no database, no keys of its own.
    let anywhere = Place::empty();
    let verify = |path: &Path, more: &[&str]| {
        let mut words = vec!["verify", path.to_str().unwrap(), "--jwks", cohort.jwks.to_str().unwrap()];
        words.extend_from_slice(more);
        anywhere.run(&words)
    };
    for path in [&pdf_path, &token_path] {
        let (code, said, complaint) = verify(path, &[]);
        assert_eq!(code, 0, "{said}{complaint}");
        for word in ["真的", "石泉县教育局", "urn:qinghe:210499", "陈𠮷䶮", "第 1 版", "2028-07-03", "德 良好"]
        {
            assert!(said.contains(word), "{word}: {said}");
        }
    }
    let tampered = tampered(&token, &pdf, &scratch().join(uuid::Uuid::now_v7().to_string()));
    for (what, bytes, says) in &tampered {
        let path = cohort.folder.join("tampered");
        std::fs::write(&path, bytes).unwrap();
        let (code, said, complaint) = verify(&path, &[]);
        assert!(code == 1 && complaint.contains(says), "{what}: {code} {said}{complaint}");
        assert!(!said.contains("真的。"), "{what}: {said}");
    }
    // A few kilobytes that unpack to far more than any portfolio: not unpacked.
    let bomb = cohort.folder.join("bomb.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&bomb).unwrap());
    zip.start_file("a.pdf", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), 64 << 20), &mut zip).unwrap();
    zip.finish().unwrap();
    let (code, _, complaint) = verify(&bomb, &[]);
    assert!(code == 2 && complaint.contains("大得出奇"), "{complaint}");
    let readme = cohort.folder.join("manifest.json");
    assert_eq!(verify(&readme, &[]).0, 2);
    // Wherever one byte is changed, it is found: a walk over the whole file.
    let believed = qinghe::platform::signing::PinnedKeys::from_jwks(&std::fs::read(&cohort.jwks).unwrap()).unwrap();
    let mut changed = pdf.clone();
    for place in (0..pdf.len()).step_by(pdf.len() / 97) {
        changed[place] ^= 4;
        let verdict = qinghe::portfolio::verify::verify_file(&changed, &believed);
        assert!(!matches!(verdict, qinghe::portfolio::verify::Verdict::Genuine(_)), "byte {place}");
        changed[place] ^= 4;
    }
    assert!(!anywhere.files.exists() && !anywhere.keys.exists(), "it makes nothing");

    // Without --jwks the keys in the folder are believed; with none there it says what to do.
    let (code, _, complaint) = anywhere.run(&["verify", pdf_path.to_str().unwrap()]);
    assert!(code == 2 && complaint.contains("没有可信的钥匙"), "{complaint}");
    let (code, said, _) = Place::of(&school).run(&["verify", pdf_path.to_str().unwrap()]);
    assert!(code == 0 && said.contains("真的"), "{said}");

    // The page says the same of a dropped file, and forgets it.
    let visitor = school.visitor();
    let shown = visitor.drop_file("/verify/file", "陈.pdf", &pdf).await;
    assert!(
        shown.status == 200 && shown.text.contains("签名以后一个字节也没有变") && shown.text.contains("陈𠮷䶮"),
        "{}",
        shown.text
    );
    let shown = visitor.drop_file("/verify/file", "陈.pdf", &tampered[6].1).await;
    assert!(
        shown.status == 422 && shown.text.contains("不是真的") && shown.text.contains("PDF 在签名之后被改过"),
        "{}",
        shown.text
    );
    let shown = visitor.drop_file("/verify/file", "x.txt", b"hello").await;
    assert!(shown.status == 422 && shown.text.contains("读不了"), "{}", shown.text);
}

#[actix_web::test]
async fn data_exchanged_inside_a_pdf_is_named_band_by_band() {
    let school = School::open();
    let cohort = Cohort::of(&school).await;
    let pdf = std::fs::read(cohort.files("file").remove(0)).unwrap();
    let token = std::fs::read_to_string(cohort.files("credential").remove(0)).unwrap();
    let keys = qinghe::platform::keys::Keys::load(&scratch().join("keys")).unwrap();
    // One who cannot sign puts other data and the genuine credential into a PDF of their own.
    let sealed = crate::pdf::attachment(&pdf, "portfolio.json");
    let better = String::from_utf8(sealed)
        .unwrap()
        .replace(r#""graduation":{"academic":"good""#, r#""graduation":{"academic":"excellent""#);
    let attach = |name: &str, bytes: &[u8], number: usize| {
        let mut object =
            format!("\n{number} 0 obj\n<</Length {}/Type/EmbeddedFile>>\nstream\n", bytes.len()).into_bytes();
        object.extend_from_slice(bytes);
        object.extend_from_slice(
            format!(
                "\nendstream\nendobj\n{} 0 obj\n<</Type/Filespec/F({name})/EF<</F {number} 0 R>>>>\nendobj\n",
                number + 1
            )
            .as_bytes(),
        );
        object
    };
    let forged = [
        b"%PDF-1.7\n".to_vec(),
        attach("portfolio.json", better.as_bytes(), 10),
        attach("credential.jwt", token.as_bytes(), 20),
        b"%%EOF\n".to_vec(),
    ]
    .concat();
    match qinghe::portfolio::verify::verify_file(&forged, &keys.pinned()) {
        qinghe::portfolio::verify::Verdict::NotGenuine(not) => {
            assert_eq!(not.changes, ["学业发展　毕业：签名的是“良好”，文件里是“优秀”"], "{}", not.why);
            assert!(not.signed.is_some());
        }
        other => panic!("{other:?}"),
    }
}

#[actix_web::test]
async fn keys_follow_one_another_and_other_counties_are_trusted_by_hand() {
    let school = School::open();
    let cohort = Cohort::of(&school).await;
    let pdf = cohort.files("file").remove(0);
    let place = Place::of(&school);
    // Keys of its own, so that the other tests keep theirs.
    let folder = scratch().join(uuid::Uuid::now_v7().to_string());
    std::fs::create_dir_all(&folder).unwrap();
    for entry in std::fs::read_dir(&place.keys).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let place = Place { keys: folder, ..place };

    let (code, said, complaint) = place.run(&["keys", "rotate"]);
    assert!(code == 0 && said.contains("指纹") && said.contains("不要删"), "{said}{complaint}");
    let (_, listed, _) = place.run(&["keys", "list"]);
    assert_eq!(listed.lines().filter(|line| line.contains(" sign ")).count(), 2, "{listed}");
    assert_eq!(listed.matches("只核验").count(), 1, "{listed}");
    let (code, said, complaint) = place.run(&["verify", pdf.to_str().unwrap()]);
    assert_eq!(code, 0, "an old file verifies for ever: {said}{complaint}");

    let elsewhere = Place::empty();
    let stranger = |words: &[&str]| elsewhere.run(words);
    let (code, said, complaint) = stranger(&["keys", "trust", cohort.jwks.to_str().unwrap()]);
    assert!(code == 0 && said.contains("urn:qinghe:210499#") && said.contains("指纹"), "{said}{complaint}");
    let (code, said, complaint) = stranger(&["verify", pdf.to_str().unwrap()]);
    assert!(code == 0 && said.contains("石泉县教育局"), "{said}{complaint}");
    let (code, _, complaint) = place.run(&["keys", "trust", cohort.jwks.to_str().unwrap()]);
    assert!(code != 0 && complaint.contains("本县自己"), "{complaint}");
    let (code, _, complaint) = stranger(&["keys", "trust", pdf.to_str().unwrap()]);
    assert!(code != 0 && complaint.contains("不是公钥文件"), "{complaint}");
}

#[actix_web::test]
async fn what_was_withdrawn_is_said_to_be_and_the_list_is_signed() {
    let school = School::open();
    let cohort = Cohort::of(&school).await;
    let (row, pdf) = (&cohort.manifest[0], cohort.files("file").remove(0));
    let code = row["code"].as_str().unwrap();
    let office = school.sign_in_now("office1").await;
    let withdraw = "/office/print/2025/withdraw";
    let refused = office.post(withdraw, &[("code", code), ("reason", " ")]).await;
    assert!(refused.status == 422 && refused.text.contains("为什么撤回"), "{}", refused.text);
    assert_eq!(office.post(withdraw, &[("code", "AAAA-BBBB-CCCC"), ("reason", "发错了")]).await.status, 422);
    assert_eq!(office.post(withdraw, &[("code", code), ("reason", "发错了")]).await.status, 303);
    assert_eq!(office.post(withdraw, &[("code", code), ("reason", "发错了")]).await.status, 409);

    let visitor = school.visitor();
    assert!(visitor.get(&format!("/verify/{code}")).await.text.contains("发过，已经撤回"));
    let shown = visitor.drop_file("/verify/file", "a.pdf", &std::fs::read(&pdf).unwrap()).await;
    assert!(shown.text.contains("签名是真的，但已撤回"), "{}", shown.text);
    let list = cohort.folder.join("withdrawn.jwt");
    std::fs::write(&list, visitor.get("/verify/withdrawn.jwt").await.bytes).unwrap();
    let verify = |pdf: &Path, list: &Path| {
        Place::empty().run(&[
            "verify",
            pdf.to_str().unwrap(),
            "--jwks",
            cohort.jwks.to_str().unwrap(),
            "--withdrawn",
            list.to_str().unwrap(),
        ])
    };
    let (exit, _, complaint) = verify(&pdf, &list);
    assert!(exit == 1 && complaint.contains("已经由县里撤回"), "{complaint}");
    assert_eq!(verify(&cohort.files("file")[1], &list).0, 0);
    let (exit, _, complaint) = verify(&pdf, &cohort.files("credential")[0]);
    assert!(exit == 2 && complaint.contains("不能信"), "{complaint}");
    let journal: Vec<String> = {
        use diesel::prelude::*;
        #[derive(QueryableByName)]
        struct Line {
            #[diesel(sql_type = diesel::sql_types::Text)]
            verb: String,
        }
        let lines: Vec<Line> = diesel::sql_query("SELECT verb FROM journal").load(&mut school.raw()).unwrap();
        lines.into_iter().map(|line| line.verb).collect()
    };
    assert!(journal.iter().any(|verb| verb == "portfolio_withdrawn"));
}
