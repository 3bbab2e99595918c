//! One measure out of one cell: the spellings schools use, and what cannot be.

use crate::fitness::{Item, Measure};
use crate::platform::text::code_like;
use crate::platform::workbook::Cell;

/// A measure, and a remark where something had to be guessed.
pub type Found = (Measure, Option<String>);

/// What a pupil of grade 1–9 can reach at all, in the item's unit.
fn possible(item: Item) -> (i32, i32) {
    match item {
        Item::Height => (80, 230),
        Item::Weight => (12, 160),
        Item::VitalCapacity => (300, 9000),
        Item::Run50m => (5, 30),
        Item::SitAndReach => (-30, 40),
        Item::RopeSkip => (0, 300),
        Item::LongJump => (30, 320),
        Item::PullUp => (0, 60),
        Item::SitUp => (0, 100),
        Item::Shuttle => (60, 300),
        Item::Run1000m | Item::Run800m => (120, 900),
    }
}

/// Decimals an item is taken with.
fn places(item: Item) -> u32 {
    match item {
        Item::Height | Item::Weight | Item::Run50m | Item::SitAndReach | Item::LongJump => 1,
        _ => 0,
    }
}

/// Reads a measure.
///
/// # Errors
/// How to mend it.
pub fn measure(item: Item, cell: &Cell) -> Result<Found, String> {
    if let Cell::Error(error) = cell {
        return Err(format!("公式算不出来（{error}）。请把这一格改成实测的数。"));
    }
    if matches!(cell, Cell::Date(_)) {
        return Err(format!("被表格当成了日期。请把这一列设成“文本”格式，重填{}。", example(item)));
    }
    let (value, remark) = match item {
        Item::Run1000m | Item::Run800m | Item::Shuttle => long_run(item, cell)?,
        Item::Run50m => sprint(cell)?,
        _ => plain(item, cell)?,
    };
    check(item, value)?;
    Ok((value, remark))
}

/// `写成 7.8` for the item at hand.
fn example(item: Item) -> &'static str {
    match item {
        Item::Height => "厘米数，例如 160",
        Item::Weight => "千克数，例如 50.5",
        Item::VitalCapacity => "毫升数，例如 2600",
        Item::Run50m => "秒数，例如 8.6",
        Item::SitAndReach => "厘米数，例如 10.5，够不到写负数",
        Item::LongJump => "厘米数，例如 185",
        Item::RopeSkip | Item::PullUp | Item::SitUp => "次数，例如 12",
        Item::Shuttle => "用时，例如 1'52\"",
        Item::Run1000m | Item::Run800m => "用时，例如 4'05\"",
    }
}

fn unreadable(item: Item) -> String {
    format!("认不出。写{}。", example(item))
}

/// The cell's number as it was typed. A number cell is a binary float to the
/// workbook; its shortest decimal spelling is what the teacher typed.
fn spelled(cell: &Cell) -> String {
    code_like(&cell.shown()).replace('．', ".").replace(['－', '−'], "-")
}

fn number(item: Item, text: &str) -> Result<Measure, String> {
    match text.parse::<Measure>() {
        Ok(value) => Ok(value),
        // 23.400000000000002: what a formula leaves of 23.4.
        Err(_) => text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite() && text.len() > 8 && number.abs() < 100_000.0)
            .and_then(|number| format!("{number:.3}").parse().ok())
            .ok_or_else(|| unreadable(item)),
    }
}

fn plain(item: Item, cell: &Cell) -> Result<Found, String> {
    if matches!(cell, Cell::Clock(_)) {
        return Err(format!("被表格当成了钟点。写{}。", example(item)));
    }
    let text = spelled(cell);
    let units: &[&str] = match item {
        Item::Height | Item::SitAndReach | Item::LongJump => &["CM", "厘米", "公分"],
        Item::Weight => &["KG", "千克", "公斤"],
        Item::VitalCapacity => &["ML", "毫升"],
        _ => &["次", "个"],
    };
    let bare = units.iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(&text);
    let value = number(item, bare)?;
    // Before rounding, so that metres are told apart from centimetres as they were typed.
    check(item, value)?;
    let taken = value.rounded(places(item));
    let remark = (taken != value).then(|| format!("{value} 已按 {taken} 收，请看一眼。"));
    if remark.is_some() && places(item) == 0 {
        return Err(format!("应是整数。写{}。", example(item)));
    }
    Ok((taken, remark))
}

/// `7.8`, `7"8`, `7秒8`; a second decimal counts up (非零进一).
fn sprint(cell: &Cell) -> Result<Found, String> {
    let value = match cell {
        Cell::Clock(milliseconds) if *milliseconds < 60_000 => Measure::thousandths(*milliseconds as i32),
        Cell::Clock(_) => return Err("被表格当成了钟点。50米跑写秒数，例如 8.6。".to_owned()),
        cell => {
            let text = spelled(cell);
            let text = text.trim_end_matches(['S', '秒', '"', '″', '”', '\'']);
            number(Item::Run50m, &text.replace(['″', '”', '"', '秒'], "."))?
        }
    };
    let taken = value.watch_tenths();
    let remark = (taken != value).then(|| format!("{value} 秒按手计时的规则进到 {taken} 秒。"));
    Ok((taken, remark))
}

/// `3'48"`, `3分48秒`, `3:48` (text, or the time of day Excel makes of it), `3.48`
/// (three minutes and 48 seconds), `228`.
fn long_run(item: Item, cell: &Cell) -> Result<Found, String> {
    let seconds_past_60 = || "“分.秒”里的秒数不到 60。写成 4'05\" 这样。".to_owned();
    let whole = |minutes: i32, seconds: i32| Measure::whole(minutes * 60 + seconds);
    if let Cell::Clock(milliseconds) = cell {
        let seconds = *milliseconds as i32 / 1000;
        let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        return match (h, s) {
            // Typed 3:48, which the workbook takes for twelve to four in the morning.
            (1.., 0) => Ok((whole(h, m), None)),
            (0, _) => Ok((whole(m, s), None)),
            _ => Err(unreadable(item)),
        };
    }
    let text = spelled(cell);
    let marked = ['\'', '′', '’', '‘', '`', '´', ':', '：', '分'];
    if let Some(at) = text.find(marked) {
        let after = text[at..].chars().next().map_or(1, char::len_utf8);
        let minutes = text[..at].parse::<i32>().map_err(|_| unreadable(item))?;
        let rest = text[at + after..].trim_end_matches(['"', '″', '”', '“', '\'', '′', '’', '秒', 'S']);
        let (seconds, tenths) = rest.split_once(['.', '"', '″', '”']).unwrap_or((rest, ""));
        let seconds: i32 = if seconds.is_empty() { 0 } else { seconds.parse().map_err(|_| unreadable(item))? };
        if !(0..60).contains(&seconds) || minutes < 0 {
            return Err(seconds_past_60());
        }
        let remark = (!tenths.trim_end_matches('0').is_empty()).then(|| "长跑不计秒以下，已略去。".to_owned());
        return Ok((whole(minutes, seconds), remark));
    }
    let bare = text.trim_end_matches(['S', '秒']);
    match bare.split_once('.') {
        None => Ok((number(item, bare)?, None)),
        Some((minutes, part)) => {
            let minutes: i32 = minutes.parse().map_err(|_| unreadable(item))?;
            if minutes >= 60 {
                // 228.5: seconds with tenths.
                return Ok((Measure::whole(minutes), Some("长跑不计秒以下，已略去。".to_owned())));
            }
            // A number cell drops the last nought of 3.50.
            let seconds: i32 = format!("{part:0<2}").parse().map_err(|_| unreadable(item))?;
            if part.len() > 2 || seconds >= 60 || minutes < 0 {
                return Err(seconds_past_60());
            }
            let value = whole(minutes, seconds);
            let remark = (part.len() == 1).then(|| format!("{bare} 当作 {}，请看一眼。", item.say(value)));
            Ok((value, remark))
        }
    }
}

/// What cannot be, and what it probably is instead.
fn check(item: Item, value: Measure) -> Result<(), String> {
    let (least, most) = possible(item);
    let (least, most) = (Measure::whole(least), Measure::whole(most));
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let whole = value.in_thousandths() / 1000;
    Err(match item {
        Item::Height | Item::LongJump if (0..4).contains(&whole) && value > Measure::whole(0) => {
            let centimetres = Measure::thousandths(value.in_thousandths() * 100);
            format!("像是米。{}要写厘米：{value} 米写成 {centimetres}。", item.name())
        }
        Item::VitalCapacity if (1..10).contains(&whole) => "像是升。肺活量要写毫升，例如 2600。".to_owned(),
        Item::Weight if whole > 160 => "太大了，像是斤或者多按了一位。体重要写千克。".to_owned(),
        Item::Run50m if whole > 30 => "太大了，像是少了小数点。50米跑写秒数，例如 8.6。".to_owned(),
        Item::Run1000m | Item::Run800m | Item::Shuttle if whole < 60 => {
            format!("太快了，像是只写了分。写{}。", example(item))
        }
        _ => format!("不可能：{}应在 {} 到 {} 之间。请核对后重填。", item.name(), item.say(least), item.say(most)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn read(item: Item, cell: &Cell) -> String {
        measure(item, cell).map_or_else(|cure| cure, |(value, _)| value.to_string())
    }

    #[test]
    fn a_long_run_is_read_in_every_spelling() {
        for spelled in
            ["3'48\"", "3′48″", "3’48”", "3'48", "3分48秒", "3:48", "3：48", "3.48", "228", "228秒", " ３＇48＂ "]
        {
            assert_eq!(read(Item::Run1000m, &text(spelled)), "228", "{spelled}");
        }
        // 3:48 as Excel keeps it: 3 h 48 min; and 0:03:48.
        assert_eq!(read(Item::Run800m, &Cell::Clock((3 * 3600 + 48 * 60) * 1000)), "228");
        assert_eq!(read(Item::Run800m, &Cell::Clock(228_000)), "228");
        assert_eq!(read(Item::Run800m, &Cell::Number(3.48)), "228");
        let (value, remark) = measure(Item::Run800m, &Cell::Number(3.5)).unwrap();
        assert_eq!(value, Measure::whole(230));
        assert!(remark.unwrap().contains("3′50″"));
        assert_eq!(read(Item::Shuttle, &text("1'52\"")), "112");
        for wrong in ["3.75", "3'65\"", "四分", "4", "0", "3.480", "1000"] {
            assert!(measure(Item::Run1000m, &text(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_sprint_has_tenths() {
        for (spelled, value) in
            [("7.8", "7.8"), ("7\"8", "7.8"), ("7秒8", "7.8"), ("8", "8"), ("7.81", "7.9"), ("7.8秒", "7.8")]
        {
            assert_eq!(read(Item::Run50m, &text(spelled)), value, "{spelled}");
        }
        assert_eq!(read(Item::Run50m, &Cell::Number(7.8)), "7.8");
        assert_eq!(read(Item::Run50m, &Cell::Clock(7_800)), "7.8");
        assert!(read(Item::Run50m, &Cell::Number(78.0)).contains("小数点"));
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_cure() {
        for (item, cell, part) in [
            (Item::LongJump, Cell::Number(17.0), "不可能"),
            (Item::LongJump, Cell::Number(1.75), "1.75 米写成 175"),
            (Item::Height, Cell::Number(1.6), "1.6 米写成 160"),
            (Item::Height, text("高"), "认不出"),
            (Item::Weight, Cell::Number(0.0), "不可能"),
            (Item::Weight, Cell::Number(165.0), "斤"),
            (Item::VitalCapacity, Cell::Number(2.6), "像是升"),
            (Item::VitalCapacity, Cell::Number(3.0), "毫升"),
            (Item::PullUp, Cell::Number(7.5), "整数"),
            (Item::Height, Cell::Error("#REF!".to_owned()), "公式"),
            (Item::SitUp, Cell::Clock(1000), "钟点"),
        ] {
            let said = read(item, &cell);
            assert!(said.contains(part), "{item:?} {cell:?}: {said}");
        }
        assert_eq!(read(Item::Weight, &Cell::Number(23.400000000000002)), "23.4");
        assert_eq!(read(Item::SitAndReach, &text("－2.5")), "-2.5");
        assert_eq!(read(Item::Height, &text("160cm")), "160");
    }
}
