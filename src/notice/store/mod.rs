pub mod answer;
pub mod audience;
pub mod check;
pub mod graduation;
pub mod moved;
pub mod objection;
pub mod open;
pub mod people;
pub mod photo;
pub mod raise;
pub mod take;
pub mod thread;

use crate::access::Refused;
use crate::platform::text::tidy;

/// A text that has to be there and is not too long.
fn said(field: &str, typed: &str, most: usize, empty: &str) -> Result<String, Refused> {
    let text = tidy(typed);
    let long = text.chars().count();
    if long == 0 {
        return Err(Refused::invalid(field, empty));
    }
    if long > most {
        return Err(Refused::invalid(field, format!("最多 {most} 个字，现在 {long} 个字，请写短一些。")));
    }
    Ok(text)
}
