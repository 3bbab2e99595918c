//! What classmates may say of each other: a few kind sayings for each domain, or that one
//! has not noticed. Nothing unkind can be said, nothing is written freely, and nobody
//! learns who said what.

use crate::names::{Domain, StudentId};
use sha2::{Digest, Sha256};

/// That a classmate has not noticed: a right answer too.
pub const UNSEEN: &str = "unseen";

/// From how many answers on the homeroom teacher sees what classmates say.
pub const FEWEST_ANSWERS: usize = 3;

/// The sayings of a domain: their codes and words.
pub fn sayings(domain: Domain) -> &'static [(&'static str, &'static str)] {
    match domain {
        Domain::Moral => &[("helps", "乐意帮人"), ("keeps", "说话算数"), ("cares", "爱护集体")],
        Domain::Academic => &[("thinks", "爱动脑筋"), ("explains", "肯讲给同学听"), ("careful", "做事认真")],
        Domain::Physical => &[("moves", "坚持锻炼"), ("cheerful", "遇事乐观"), ("together", "带大家一起动")],
        Domain::Aesthetic => &[("makes", "爱唱爱画"), ("skilled", "有一手本领"), ("notices", "会发现美的东西")],
        Domain::Labour => &[("works", "干活不怕累"), ("duty", "值日认真"), ("handy", "动手能力好")],
    }
}

/// The words of a saying; `None` for one that is none, and for [`UNSEEN`].
pub fn saying(domain: Domain, code: &str) -> Option<&'static str> {
    sayings(domain).iter().find(|(known, _)| *known == code).map(|(_, word)| *word)
}

/// Who is asked about whom, by lot: the class in the order that the seed gives, in a ring,
/// each asked about those who come next. So everyone is asked about as many as ask about
/// them. The same seed and class give the same.
pub fn lot(seed: &str, students: &[StudentId], peers: usize) -> Vec<(StudentId, StudentId)> {
    let mut ring: Vec<([u8; 32], StudentId)> =
        students.iter().map(|student| (Sha256::digest(format!("{seed} {student}")).into(), *student)).collect();
    ring.sort_unstable();
    let many = ring.len();
    let next = |n: usize| (1..=peers.min(many.saturating_sub(1))).map(move |step| (n + step) % many);
    (0..many).flat_map(|n| next(n).map(move |other| (n, other))).map(|(n, other)| (ring[n].1, ring[other].1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn everyone_asks_and_is_asked_about_as_many_and_the_seed_decides() {
        let class: Vec<StudentId> = (0..23).map(|_| StudentId::new()).collect();
        let drawn = lot("梨花", &class, 4);
        let (mut asks, mut told) = (BTreeMap::new(), BTreeMap::new());
        for (by, about) in &drawn {
            assert_ne!(by, about);
            *asks.entry(by).or_insert(0) += 1;
            *told.entry(about).or_insert(0) += 1;
        }
        assert!(class.iter().all(|student| asks[student] == 4 && told[student] == 4));
        let shuffled: Vec<StudentId> = class.iter().rev().copied().collect();
        assert_eq!(drawn, lot("梨花", &shuffled, 4));
        assert_ne!(drawn, lot("杏花", &class, 4));
        assert_eq!(lot("梨花", &class[..3], 4).len(), 6);
        assert!(lot("梨花", &class[..1], 4).is_empty());
    }
}
