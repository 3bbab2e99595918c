//! What a homeroom teacher says of a class in a term: bands that go on from the
//! term before, a ground where one is needed, a comment for each.

use super::chance::{Chance, Deck};
use super::words::{GroundWords, Words};
use std::collections::HashMap;

/// Codes of the domains in their order.
pub const DOMAINS: [&str; 5] = ["moral", "academic", "physical", "aesthetic", "labour"];

/// How often a pupil of whom nothing is known yet is given a band.
const AT_FIRST: [(&str, usize); 4] = [("excellent", 24), ("good", 47), ("qualified", 23), ("developing", 6)];

/// What follows a band a term later, and how often.
const LATER: [(&str, [(&str, usize); 3]); 4] = [
    ("excellent", [("excellent", 72), ("good", 27), ("qualified", 1)]),
    ("good", [("good", 64), ("excellent", 25), ("qualified", 11)]),
    ("qualified", [("qualified", 48), ("good", 46), ("developing", 6)]),
    ("developing", [("qualified", 66), ("developing", 26), ("good", 8)]),
];

/// A band that may follow another, or none.
pub fn band_after(chance: &mut Chance, before: Option<&str>) -> &'static str {
    match LATER.iter().find(|(from, _)| Some(*from) == before) {
        Some((_, later)) => chance.weighed::<&str>(later),
        None => chance.weighed::<&str>(&AT_FIRST),
    }
}

/// A band with what it stands on.
pub struct Judged {
    pub band: &'static str,
    pub ground: Option<String>,
    pub help: Option<String>,
}

pub struct Sayings<'w> {
    chance: Chance,
    words: &'w Words,
    stream: String,
    sentences: HashMap<(&'static str, &'static str), Deck<'w, String>>,
    grounds: HashMap<(&'static str, &'static str), Deck<'w, GroundWords>>,
    wishes: Deck<'w, String>,
    most: usize,
}

impl<'w> Sayings<'w> {
    /// For one class in one term; comments have `most` characters at most.
    pub fn of(words: &'w Words, stream: String, most: usize) -> Self {
        Sayings {
            chance: Chance::of(&format!("{stream} bands")),
            wishes: Deck::of(&words.wishes, &format!("{stream} wishes")),
            words,
            stream,
            sentences: HashMap::new(),
            grounds: HashMap::new(),
            most,
        }
    }

    /// A pupil's bands after those of the term before.
    pub fn bands(&mut self, before: &[Option<&'static str>; 5]) -> [&'static str; 5] {
        before.map(|band| band_after(&mut self.chance, band))
    }

    pub fn judged(&mut self, domain: &'static str, band: &'static str) -> Judged {
        let place = (domain.to_owned(), band.to_owned());
        let Some(known) = self.words.grounds.get(&place) else { return Judged { band, ground: None, help: None } };
        let stream = format!("{} {domain} {band} grounds", self.stream);
        let ground = self.grounds.entry((domain, band)).or_insert_with(|| Deck::of(known, &stream)).draw();
        let help = Some(ground.help.clone()).filter(|help| !help.is_empty());
        Judged { band, ground: Some(ground.ground.clone()), help }
    }

    /// A comment that fits the bands; `said` is what this pupil was told before,
    /// and remembers it.
    pub fn comment(&mut self, name: &str, given: &str, bands: &[&'static str; 5], said: &mut Vec<String>) -> String {
        let called = if given.chars().count() > 1 { given } else { name };
        let wish = self.wishes.draw().clone();
        let mut comment = format!("{called}，");
        let room = self.most - wish.chars().count();
        let places = self.chance.shuffled(DOMAINS.iter().copied().zip(*bands).collect());
        for (domain, band) in places.into_iter().take(4) {
            let Some(all) = self.words.sentences.get(&(domain.to_owned(), band.to_owned())) else { continue };
            let stream = format!("{} {domain} {band}", self.stream);
            let deck = self.sentences.entry((domain, band)).or_insert_with(|| Deck::of(all, &stream));
            let sentence = deck.draw_that(|sentence| !said.contains(sentence));
            if comment.chars().count() + sentence.chars().count() > room {
                break;
            }
            comment.push_str(sentence);
            said.push(sentence.clone());
        }
        comment + &wish
    }
}
