//! Chance that falls the same way every time: each question is asked of a
//! stream of its own, named for what it is about, so that one more question
//! leaves the answers to all others as they were.

/// What every demonstration county grows from.
const SEED: u64 = 0x7169_6e67_6865_2030;

/// One stream of chance (SplitMix64).
pub struct Chance(u64);

impl Chance {
    /// The stream of that name.
    pub fn of(name: &str) -> Self {
        // FNV-1a: the same on every machine and in every build.
        let named = name.bytes().fold(SEED, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Chance(named)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        // Exact shares do not matter here; the bias of a remainder is far too small to see.
        (self.next() % end as u64) as usize
    }

    /// Yes in so many of a hundred cases.
    pub fn in_hundred(&mut self, cases: usize) -> bool {
        self.below(100) < cases
    }

    /// One of them; there is at least one.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// One of them, each as often as its weight says.
    pub fn weighed<'a, T>(&mut self, all: &'a [(T, usize)]) -> &'a T {
        let mut left = self.below(all.iter().map(|(_, weight)| weight).sum());
        for (one, weight) in all {
            if left < *weight {
                return one;
            }
            left -= weight;
        }
        &all[0].0
    }

    /// All of them in some other order.
    pub fn shuffled<T>(&mut self, mut all: Vec<T>) -> Vec<T> {
        for n in (1..all.len()).rev() {
            all.swap(n, self.below(n + 1));
        }
        all
    }
}

/// Cards drawn one after the other; when all are gone they are shuffled anew.
pub struct Deck<'a, T> {
    all: &'a [T],
    left: Vec<&'a T>,
    chance: Chance,
}

impl<'a, T> Deck<'a, T> {
    /// `all` is not empty.
    pub fn of(all: &'a [T], name: &str) -> Self {
        Deck { all, left: Vec::new(), chance: Chance::of(name) }
    }

    pub fn draw(&mut self) -> &'a T {
        if self.left.is_empty() {
            self.left = self.chance.shuffled(self.all.iter().collect());
        }
        self.left.pop().unwrap_or(&self.all[0])
    }

    /// The next that will do, or the next of all when none does.
    pub fn draw_that(&mut self, will_do: impl Fn(&T) -> bool) -> &'a T {
        if let Some(at) = self.left.iter().rposition(|card| will_do(card)) {
            return self.left.remove(at);
        }
        if self.all.iter().any(&will_do) {
            self.left = self.chance.shuffled(self.all.iter().collect());
            if let Some(at) = self.left.iter().rposition(|card| will_do(card)) {
                return self.left.remove(at);
            }
        }
        self.draw()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_the_same_each_time_and_no_other() {
        let take = |name| {
            let mut chance = Chance::of(name);
            (0..8).map(|_| chance.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(take("names"), take("names"));
        assert_ne!(take("names"), take("bands"));
    }

    #[test]
    fn a_deck_gives_every_card_before_it_gives_one_again() {
        let cards: Vec<u8> = (0..20).collect();
        let mut deck = Deck::of(&cards, "cards");
        let mut drawn: Vec<u8> = (0..20).map(|_| *deck.draw()).collect();
        drawn.sort_unstable();
        assert_eq!(drawn, cards);
        assert!(*deck.draw_that(|card| *card > 18) == 19 && *deck.draw_that(|card| *card > 18) == 19);
    }
}
