use crate::access::{Nothing, Posted, Refused, SchoolOffice};
use crate::names::StudentId;
use crate::platform::page::{Page, SeeOther};
use crate::portfolio::bring::Bring;
use crate::portfolio::store::package_of_former;
use crate::roster::pages::{MoveForm, TakeIn, take_in_again};
use crate::roster::{MovePupil, pupil_file, pupil_to_take};
use actix_web::web::Path;
use actix_web::{Either, post};

/// Takes in a pupil whom another school of the county has let go, and the files along.
#[post("/pupils")]
pub(super) async fn take_in(office: SchoolOffice, form: Posted<MoveForm>) -> Result<Either<SeeOther, Page>, Refused> {
    let form = form.0;
    match take(&office, &form).await {
        Ok((student, terms)) => {
            // Where files came along, the page that shows them.
            Ok(Either::Left(SeeOther(match terms {
                0 => format!("/office/pupils/{student}?done=move_in"),
                _ => format!("/office/handover/pupil/{student}?terms={terms}"),
            })))
        }
        Err(refused) => Ok(Either::Right(take_in_again(&office, form, refused).await?)),
    }
}

async fn take(office: &SchoolOffice, form: &MoveForm) -> Result<(StudentId, usize), Refused> {
    let TakeIn { number, change, on, reason } = TakeIn::read(office, form)?;
    let house = office.house();
    let (whole, keys, issuer, store) = (office.whole_school(), house.keys.clone(), house.issuer(), house.files.clone());
    office
        .act_between(
            move |look| pupil_to_take(look, whole, &keys, &number),
            package_of_former,
            move |tx, student, found| {
                let moved = MovePupil { student, change, on, reason };
                Bring::prepare(tx, student, Some(moved), found, &issuer, &store)
            },
        )
        .await
}

/// The files of a pupil who is here already, from the school of the county that sealed last.
#[post("/handover/pupil/{student}/bring")]
pub(super) async fn bring(
    office: SchoolOffice,
    path: Path<StudentId>,
    _form: Posted<Nothing>,
) -> Result<SeeOther, Refused> {
    let student = path.into_inner();
    let house = office.house();
    let (whole, keys, issuer, store) = (office.whole_school(), house.keys.clone(), house.issuer(), house.files.clone());
    let (_, terms) = office
        .act_between(
            move |look| pupil_file(look, whole, &keys, student).map(|_| student),
            package_of_former,
            move |tx, student, found| Bring::prepare(tx, student, None, found, &issuer, &store),
        )
        .await?;
    Ok(SeeOther(format!("/office/handover/pupil/{student}?terms={terms}")))
}
