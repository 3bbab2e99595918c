//! The picture of five bands beside those of the term before, as a page draws it.

use crate::evaluation::{Growth, Picture, Sheet};
use crate::names::Domain;
use crate::scheme::Scheme;
use serde::Serialize;

/// Where the radar is drawn: the middle and the radius in its own 360 × 286 units.
const MIDDLE: (f64, f64) = (180.0, 146.0);
const RADIUS: f64 = 98.0;

#[derive(Serialize)]
pub(super) struct RadarView {
    rings: Vec<RingView>,
    spokes: Vec<(f64, f64)>,
    now: String,
    before: String,
    corners: Vec<CornerView>,
    labels: Vec<LabelView>,
    /// What the picture says, for those who do not see it.
    described: String,
}

#[derive(Serialize)]
struct RingView {
    points: String,
    word: String,
    y: f64,
}

#[derive(Serialize)]
struct CornerView {
    domain: Domain,
    x: f64,
    y: f64,
}

#[derive(Serialize)]
struct LabelView {
    domain: Domain,
    character: &'static str,
    word: String,
    x: f64,
    y: f64,
    word_x: f64,
    word_y: f64,
    anchor: &'static str,
}

pub(super) fn word(sheet: &Sheet, domain: Domain, scheme: &Scheme) -> String {
    sheet.band(domain).map_or(&scheme.no_record, |band| &band.words(scheme).word).clone()
}

fn turned(n: usize, radius: f64) -> (f64, f64) {
    let turn = std::f64::consts::TAU * n as f64 / 5.0;
    let tenth = |number: f64| (number * 10.0).round() / 10.0;
    (tenth(MIDDLE.0 + radius * turn.sin()), tenth(MIDDLE.1 - radius * turn.cos()))
}

pub(super) fn radar(growth: &Growth, now: &Sheet, before: Option<&Sheet>, scheme: &Scheme) -> RadarView {
    let (x, y) = MIDDLE;
    let rings = Picture::rings().map(|(band, reach)| {
        let radius = RADIUS * reach;
        let points: Vec<String> = (0..5).map(|n| turned(n, radius)).map(|(x, y)| format!("{x},{y}")).collect();
        RingView { points: points.join(" "), word: band.word(scheme).to_owned(), y: y - radius + 13.0 }
    });
    let labels = Domain::ALL.iter().enumerate().map(|(n, domain)| {
        let (x, y) = turned(n, RADIUS + 19.0);
        let (word_x, word_y, anchor) = match n {
            0 => (x + 18.0, y + 4.0, "start"),
            1 | 4 => (x, y + 28.0, "middle"),
            2 => (x + 17.0, y + 5.0, "start"),
            _ => (x - 17.0, y + 5.0, "end"),
        };
        let word = word(now, *domain, scheme);
        LabelView { domain: *domain, character: domain.character(), word, x, y, word_x, word_y, anchor }
    });
    let say = |sheet: &Sheet| {
        let said: Vec<String> =
            Domain::ALL.iter().map(|d| format!("{}{}", d.character(), word(sheet, *d, scheme))).collect();
        said.join("，")
    };
    RadarView {
        rings: rings.into(),
        spokes: (0..5).map(|n| turned(n, RADIUS)).collect(),
        now: growth.picture.now_points(x, y, RADIUS),
        before: growth.picture.before_points(x, y, RADIUS),
        corners: growth
            .picture
            .now_corners(x, y, RADIUS)
            .into_iter()
            .map(|(domain, x, y)| CornerView { domain, x, y })
            .collect(),
        labels: labels.collect(),
        described: match before {
            Some(before) => format!("本学期：{}。上学期：{}。", say(now), say(before)),
            None => format!("本学期：{}。", say(now)),
        },
    }
}
