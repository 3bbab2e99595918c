use crate::access::{Refused, SchoolOffice, off_the_loop};
use crate::names::HandoverId;
use crate::platform::page::Download;
use crate::platform::typeset::Misprint;
use crate::portfolio::handover::receive;
use crate::portfolio::press::{date_parts, moment_words};
use crate::portfolio::store::{Handover, package_out};
use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;

/// A package that was made, and what its journal line is about.
async fn kept(office: &SchoolOffice, id: HandoverId) -> Result<(Handover, Vec<u8>), Refused> {
    let whole = office.whole_school();
    let (one, sha256) = office.look(move |look| package_out(look, whole, id)).await?;
    let files = office.house().files.clone();
    let bytes = off_the_loop(move || Ok(files.get(&sha256)?)).await?;
    Ok((one, bytes))
}

/// The closed package.
#[get("/handover/{handover}/package.zip")]
pub(in crate::portfolio::pages) async fn package_zip(
    office: SchoolOffice,
    path: Path<HandoverId>,
) -> Result<Download, Refused> {
    let (one, bytes) = kept(&office, path.into_inner()).await?;
    Ok(Download { name: format!("转接包-{}.zip", one.name), media_type: "application/zip", bytes, inline: false })
}

#[derive(Serialize)]
struct SlipData<'d> {
    county: &'d str,
    school: &'d str,
    student: &'d str,
    born_on: String,
    peer: &'d str,
    made: String,
    date: [i32; 3],
    terms: Vec<String>,
    portfolio: bool,
    passphrase: String,
    sha256: &'d str,
    kid: &'d str,
    fingerprint: String,
}

/// The transfer slip 转接单: whose package it is, what is inside, and the passphrase. It
/// goes by another hand than the file.
#[get("/handover/{handover}/slip.pdf")]
pub(in crate::portfolio::pages) async fn slip_pdf(
    office: SchoolOffice,
    path: Path<HandoverId>,
) -> Result<Download, Refused> {
    let (one, bytes) = kept(&office, path.into_inner()).await?;
    let (house, school) = (office.house().clone(), office.school().name.clone());
    off_the_loop(move || {
        let delivered = receive(&bytes, &house.believed).map_err(Refused::broken)?;
        let secret = delivered
            .own_passphrase(&house.keys)
            .ok_or_else(|| Refused::conflict("口令是用以前的钥匙封的，现在打不开。请重新做一个转接包。"))?;
        let (_, inside) = delivered.open(&secret, &house.believed).map_err(Refused::broken)?;
        let envelope = &delivered.envelope;
        let last = inside.terms.last().ok_or(Refused::NotFound)?;
        let data = SlipData {
            county: &house.county,
            school: &school,
            student: &last.student.name,
            born_on: last.student.born_on.to_string(),
            peer: one.peer.as_deref().unwrap_or_default(),
            made: moment_words(one.at),
            date: date_parts(one.at),
            terms: envelope.terms.iter().map(|term| term.name()).collect(),
            portfolio: inside.graduation.is_some(),
            passphrase: in_fives(&secret),
            sha256: &envelope.sha256,
            kid: &delivered.kid,
            fingerprint: house.believed.fingerprint_of(&delivered.kid).unwrap_or_default(),
        };
        let press = house.press.press().map_err(Refused::conflict)?;
        let data = serde_json::to_vec(&data).map_err(Refused::broken)?;
        let printed = press.print("transfer-slip.typ", data).map_err(|misprint| match misprint {
            Misprint::NoGlyph(_) => Refused::conflict(misprint.to_string()),
            broken => Refused::broken(broken),
        })?;
        let name = format!("转接单-{}.pdf", last.student.name);
        Ok(Download { name, media_type: "application/pdf", bytes: printed.pdf, inline: true })
    })
    .await
}

/// `AAAAA-BBBBB-CCCCC-DDDDD`
fn in_fives(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(5).map(|five| five.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}
