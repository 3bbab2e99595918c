//! The one private place that knows bands have a sequence. It looks at two terms
//! of one child and makes words and a picture of them; no number leaves it, and
//! nothing here takes two children.

use super::{Band, ChildSheets, Mark, Sheet, place};
use crate::names::{Domain, Term};
use crate::scheme::Scheme;
use serde::Serialize;

/// What became of one child from one term to a later one.
#[derive(Clone, Debug, Serialize)]
pub struct Growth {
    /// `德、美、劳比上学期更进一步；智、体保持良好。`
    pub sentence: String,
    pub picture: Picture,
}

/// Five corners, two outlines: points on a circle of radius 1 around 0, y downward.
#[derive(Clone, Debug, Serialize)]
pub struct Picture {
    now: Outline,
    before: Option<Outline>,
}

/// An outline, corner by corner in the order of domains; a corner without band is open.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
struct Outline {
    corners: [Option<(f64, f64)>; 5],
}

/// How far out a band lies: a fifth is left around the centre for nothing at all.
fn reach(band: Band) -> f64 {
    f64::from(step(band)) / 4.0
}

fn step(band: Band) -> u8 {
    match band.0 {
        Mark::Excellent => 4,
        Mark::Good => 3,
        Mark::Qualified => 2,
        Mark::Developing => 1,
    }
}

fn corner(domain: Domain, band: Band) -> (f64, f64) {
    let turn = std::f64::consts::TAU * place(domain) as f64 / 5.0;
    (reach(band) * turn.sin(), -reach(band) * turn.cos())
}

fn outline(sheet: &Sheet) -> Outline {
    let mut corners = [None; 5];
    for domain in Domain::ALL {
        corners[place(*domain)] = sheet.band(*domain).map(|band| corner(*domain, band));
    }
    Outline { corners }
}

impl Picture {
    /// The rings behind the outlines: each band and how far out it lies.
    pub fn rings() -> [(Band, f64); 4] {
        Band::all().map(|band| (band, reach(band)))
    }

    /// The later outline as points of an SVG polygon around `(x, y)` with radius
    /// `r`; empty when a corner is open.
    pub fn now_points(&self, x: f64, y: f64, r: f64) -> String {
        self.now.points(x, y, r)
    }

    /// The earlier outline, likewise.
    pub fn before_points(&self, x: f64, y: f64, r: f64) -> String {
        self.before.as_ref().map_or_else(String::new, |before| before.points(x, y, r))
    }

    /// The later outline's corners in SVG coordinates, domain by domain.
    pub fn now_corners(&self, x: f64, y: f64, r: f64) -> Vec<(Domain, f64, f64)> {
        Domain::ALL
            .iter()
            .filter_map(|domain| {
                let (dx, dy) = self.now.corners[place(*domain)]?;
                Some((*domain, tenth(x + r * dx), tenth(y + r * dy)))
            })
            .collect()
    }
}

impl Outline {
    fn points(&self, x: f64, y: f64, r: f64) -> String {
        if self.corners.iter().any(Option::is_none) {
            return String::new();
        }
        let points: Vec<String> =
            self.corners.iter().flatten().map(|(dx, dy)| format!("{:.1},{:.1}", x + r * dx, y + r * dy)).collect();
        points.join(" ")
    }
}

fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

impl ChildSheets {
    /// This child in term `now`, against the same child in term `before`.
    pub fn growth(&self, now: Term, before: Option<Term>, since: &str, scheme: &Scheme) -> Option<Growth> {
        let later = self.of(now)?;
        let earlier = self.filled(before);
        Some(Growth {
            sentence: sentence(later, earlier, since, scheme),
            picture: Picture { now: outline(later), before: earlier.map(outline) },
        })
    }

    /// The graduation bands against the child's own first year.
    pub fn growth_to(&self, graduation: &Sheet, first_year: Option<Term>, scheme: &Scheme) -> String {
        sentence(graduation, self.filled(first_year), "第一学年", scheme)
    }

    /// The same as a picture.
    pub fn picture_to(&self, graduation: &Sheet, first_year: Option<Term>) -> Picture {
        Picture { now: outline(graduation), before: self.filled(first_year).map(outline) }
    }

    fn filled(&self, term: Option<Term>) -> Option<&Sheet> {
        term.and_then(|term| self.of(term)).filter(|sheet| !sheet.is_empty())
    }
}

fn sentence(later: &Sheet, earlier: Option<&Sheet>, since: &str, scheme: &Scheme) -> String {
    let Some(earlier) = earlier else {
        return if later.is_empty() {
            format!("五育都还是{}。", scheme.no_record)
        } else {
            format!("这里没有{since}的等级可比，只和自己比。")
        };
    };
    let (mut further, mut back, mut first) = (Vec::new(), Vec::new(), Vec::new());
    let mut kept: Vec<(Band, Vec<&str>)> = Vec::new();
    for domain in Domain::ALL {
        let name = domain.character();
        match (earlier.band(*domain), later.band(*domain)) {
            (Some(before), Some(now)) if step(now) > step(before) => further.push(name),
            (Some(before), Some(now)) if step(now) < step(before) => back.push(name),
            (Some(_), Some(now)) => match kept.iter_mut().find(|(band, _)| *band == now) {
                Some((_, names)) => names.push(name),
                None => kept.push((now, vec![name])),
            },
            (None, Some(_)) => first.push(name),
            _ => {}
        }
    }
    let mut parts = Vec::new();
    if !further.is_empty() {
        parts.push(format!("{}比{since}更进一步", further.join("、")));
    }
    for (band, names) in kept {
        // 保持待提高 would be no comfort: say what it asks for instead.
        if band.needs_help() {
            parts.push(format!("{}还在慢慢来，一起定个小目标", names.join("、")));
        } else {
            parts.push(format!("{}保持{}", names.join("、"), band.word(scheme)));
        }
    }
    if !back.is_empty() {
        parts.push(format!("{}比{since}松了一些，下学期一起找回来", back.join("、")));
    }
    if !first.is_empty() {
        parts.push(format!("{}这次有了等级", first.join("、")));
    }
    if parts.is_empty() { "还没有可以比的等级。".to_owned() } else { format!("{}。", parts.join("；")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::Cell;

    fn sheet(bands: [Option<Mark>; 5]) -> Sheet {
        let mut sheet = Sheet::default();
        for (domain, mark) in Domain::ALL.iter().zip(bands) {
            sheet.set(*domain, Cell { band: mark.map(Band), ..Cell::default() });
        }
        sheet
    }

    #[test]
    fn a_child_is_told_what_became_of_it() {
        use Mark::{Developing as D, Excellent as E, Good as G, Qualified as Q};
        let scheme = Scheme::seed().unwrap();
        let say = |before, now| sentence(&sheet(now), Some(&sheet(before)), "上学期", &scheme);
        assert_eq!(
            say([Some(G), Some(G), Some(G), Some(Q), Some(G)], [Some(E), Some(G), Some(G), Some(G), Some(E)]),
            "德、美、劳比上学期更进一步；智、体保持良好。"
        );
        assert_eq!(
            say([Some(G), None, Some(D), Some(Q), None], [Some(Q), Some(G), Some(D), Some(Q), None]),
            "体还在慢慢来，一起定个小目标；美保持合格；德比上学期松了一些，下学期一起找回来；智这次有了等级。"
        );
        assert_eq!(sentence(&sheet([None; 5]), None, "上学期", &scheme), "五育都还是无记录。");
    }

    #[test]
    fn an_open_corner_is_left_open() {
        let picture = Picture { now: outline(&sheet([Some(Mark::Good), None, None, None, None])), before: None };
        assert_eq!(picture.now_points(0.0, 0.0, 1.0), "");
        assert_eq!(picture.now_corners(100.0, 100.0, 40.0), [(Domain::Moral, 100.0, 70.0)]);
    }
}
