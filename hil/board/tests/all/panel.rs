//! The front panel: each limit of the button, the whole graph of its states, and what bouncing may not do.

use std::collections::{HashMap, HashSet, VecDeque};

use hil_board::device::led::{Colour, Led, Link, Pattern};
use hil_board::device::mode::{Mode, Wish};
use hil_board::device::{Page, Panel, Snapshot};
use proptest::prelude::*;

/// A step of the tests: 1 ms.
const MS: u64 = 1_000;
/// What a limit may miss.
const SLACK_MS: u64 = 20;

/// A panel with a hand on its button.
#[derive(Clone, Copy)]
struct Hand {
    panel: Panel,
    now_ms: u64,
    resets: u32,
    /// Factory settings can be made.
    takes: bool,
}

impl Hand {
    fn new(is_held: bool) -> Self {
        Self { panel: Panel::new(0, is_held), now_ms: 0, resets: 0, takes: true }
    }

    /// Keeps the button so for this time, told every millisecond.
    fn keep(&mut self, is_pressed: bool, ms: u64) -> &mut Self {
        for _ in 0..ms {
            self.panel.step(self.now_ms * MS, is_pressed);
            self.now_ms += 1;
            if self.panel.take_wish() == Some(Wish::FactoryReset) {
                self.resets += 1;
                self.panel.reset_done(self.takes);
            }
        }
        self
    }

    fn tap(&mut self) -> &mut Self {
        self.keep(true, 100).keep(false, 100)
    }

    /// Keeps the button so until the mode is another; returns after how long.
    fn until_change(&mut self, is_pressed: bool) -> (u64, Mode) {
        let (begun, mode) = (self.now_ms, self.panel.mode());
        while self.panel.mode() == mode {
            assert!(self.now_ms < begun + 20_000, "{mode:?} stays");
            self.keep(is_pressed, 1);
        }
        (self.now_ms - begun, self.panel.mode())
    }

    fn lines(&self) -> [String; 2] {
        self.panel.lines(&Snapshot::default()).map(|line| line.to_string())
    }
}

#[track_caller]
fn after((ms, mode): (u64, Mode), limit_ms: u64, expected: Mode) {
    assert_eq!(mode, expected);
    assert!(ms.abs_diff(limit_ms) <= SLACK_MS, "after {ms} ms, {limit_ms} are asked for");
}

const NORMAL: Mode = Mode::View(Page::Normal);

/// A panel that asks for maintenance; the button is released.
fn asking() -> Hand {
    let mut hand = Hand::new(false);
    hand.keep(false, 500).keep(true, 3_050);
    hand
}

fn maintenance() -> Hand {
    let mut hand = asking();
    hand.keep(false, 500).tap().keep(false, 10_000);
    assert_eq!(hand.panel.mode(), Mode::Maintenance);
    hand
}

#[test]
fn select_steps_through_all_pages_and_five_seconds_return() {
    let mut hand = Hand::new(false);
    let mut seen = vec![Page::Normal];
    for _ in 1..Page::ALL.len() {
        hand.tap();
        let Mode::View(page) = hand.panel.mode() else { panic!("{:?}", hand.panel.mode()) };
        seen.push(page);
        let mut alone = hand;
        // 200 ms ago it was pressed.
        after(alone.until_change(false), 4_800, NORMAL);
    }
    assert_eq!(seen, Page::ALL);
    assert_eq!(hand.tap().panel.mode(), NORMAL, "after the last comes the first");
    assert_eq!(hand.keep(false, 60_000).panel.mode(), NORMAL);
}

#[test]
fn a_hold_of_three_seconds_asks_and_a_press_enters_maintenance() {
    let mut hand = Hand::new(false);
    hand.keep(true, 100);
    assert_eq!(hand.panel.mode(), Mode::View(Page::Resettable), "a press acts at once");
    after(hand.until_change(true), 2_900, Mode::AskMaintenance);
    assert_eq!(hand.lines(), ["Press again to  ", "jump to BOOTLOAD"]);
    let mut held = hand;
    // Released or still held, the prompt waits for three seconds.
    after(held.until_change(true), 3_000, NORMAL);
    assert_eq!(held.keep(true, 60_000).panel.mode(), NORMAL, "a button that is stuck leads to nothing more");
    let mut left = hand;
    after(left.until_change(false), 3_000, NORMAL);

    hand.keep(false, 1_500);
    assert_eq!(hand.lines(), ["Press again to  ", "mp to BOOTLOADER"]);
    after(hand.until_change(true), 0, Mode::Maintenance);
    assert_eq!(hand.lines(), ["MAINTENANCE     ", "hold 3 s to exit"]);
    assert_eq!(hand.keep(true, 20_000).panel.mode(), Mode::Maintenance, "the press that answers begins no hold");
    assert_eq!(hand.keep(false, 600_000).panel.mode(), Mode::Maintenance);
    assert_eq!(hand.resets, 0);
}

#[test]
fn a_press_counts_until_the_prompt_ends() {
    for (wait, mode) in [(3_000 - SLACK_MS, Mode::Maintenance), (3_000 + SLACK_MS, Mode::View(Page::Resettable))] {
        let mut hand = Hand::new(false);
        after(hand.until_change(true), 0, Mode::View(Page::Resettable));
        hand.until_change(true);
        assert_eq!(hand.keep(false, wait).keep(true, 15).panel.mode(), mode, "{wait}");
    }
}

#[test]
fn maintenance_is_left_by_a_hold_and_a_press() {
    let mut hand = maintenance();
    after(hand.until_change(true), 3_000, Mode::AskFirmware);
    assert_eq!(hand.lines(), ["Press again to  ", "jump to FIRMWARE"]);
    let mut left = hand;
    after(left.until_change(false), 6_000, Mode::Maintenance);
    after(hand.keep(false, 5_000).until_change(true), 0, NORMAL);
    assert_eq!(hand.keep(true, 20_000).panel.mode(), NORMAL, "the press that answers begins no hold");
    assert_eq!(hand.resets, 0);
}

#[test]
fn a_hold_of_six_seconds_and_a_press_make_factory_settings() {
    let mut hand = maintenance();
    hand.until_change(true);
    after(hand.until_change(true), 3_000, Mode::AskFactory);
    assert_eq!(hand.lines(), ["Press again to  ", "FABSETTINGS     "]);
    let (mut left, mut held) = (hand, hand);
    after(left.until_change(false), 6_000, Mode::Maintenance);
    after(held.until_change(true), 6_000, Mode::Maintenance);
    assert_eq!(held.keep(true, 60_000).panel.mode(), Mode::Maintenance);
    assert_eq!((left.resets, held.resets, hand.resets), (0, 0, 0));
    after(hand.keep(false, 4_000).until_change(true), 0, Mode::Resetting);
    assert_eq!(hand.panel.led(Link::Connected).pattern, Pattern::Fast);
    after(hand.until_change(false), 1_000, NORMAL);
    assert_eq!(hand.resets, 1);
}

/// One that cannot be made is no reset: it is told, and maintenance mode stays.
#[test]
fn factory_settings_that_cannot_be_made_are_told() {
    let mut hand = maintenance();
    hand.takes = false;
    hand.keep(true, 6_100).keep(false, 100).keep(true, 50);
    assert_eq!(hand.panel.mode(), Mode::Resetting);
    after(hand.until_change(true), 960, Mode::NotReset);
    assert_eq!(hand.lines(), ["FABSETTINGS     ", "NOT KEPT: EEPROM"]);
    assert_eq!(hand.panel.led(Link::Connected).pattern, Pattern::Periodic);
    let mut left = hand;
    after(left.until_change(false), 6_000, Mode::Maintenance);
    after(hand.keep(false, 3_000).until_change(true), 0, Mode::Maintenance);
    assert_eq!(hand.keep(true, 20_000).panel.mode(), Mode::Maintenance, "the press that answers begins no hold");
    assert_eq!((hand.resets, left.resets), (1, 1));
}

/// A reset that takes longer is shown until it is done.
#[test]
fn the_led_flashes_fast_while_resetting() {
    let mut hand = maintenance();
    hand.keep(true, 6_100).keep(false, 100);
    let begun = hand.now_ms * MS;
    hand.panel.step(begun, true);
    hand.panel.step(begun + 20 * MS, true);
    assert_eq!(hand.panel.take_wish(), Some(Wish::FactoryReset));
    assert_eq!(hand.panel.take_wish(), None, "once");
    hand.panel.step(begun + 30_000 * MS, false);
    assert_eq!(hand.panel.mode(), Mode::Resetting);
    hand.panel.reset_done(true);
    hand.panel.step(begun + 30_000 * MS, false);
    assert_eq!(hand.panel.mode(), NORMAL);
}

#[test]
fn held_at_power_up_it_is_in_maintenance() {
    let mut hand = Hand::new(true);
    assert_eq!(hand.panel.mode(), Mode::Maintenance);
    assert_eq!(hand.keep(true, 20_000).panel.mode(), Mode::Maintenance, "that hold leads nowhere");
    hand.keep(false, 100);
    after(hand.until_change(true), 3_000, Mode::AskFirmware);
}

#[test]
fn the_led_tells_of_host_and_mode() {
    let colours = [(Link::Absent, Colour::Red), (Link::Connected, Colour::Orange), (Link::Configured, Colour::Green)];
    for (link, colour) in colours {
        assert_eq!(Hand::new(false).panel.led(link), Led { colour, pattern: Pattern::Steady });
        assert_eq!(maintenance().panel.led(link), Led { colour, pattern: Pattern::Periodic });
        assert_eq!(asking().panel.led(link), Led { colour, pattern: Pattern::Slow });
    }
    // Changes of light in ten seconds: none, one flash each 2 s, each second, five each second.
    for (pattern, changes) in [(Pattern::Steady, 0), (Pattern::Periodic, 9), (Pattern::Slow, 19), (Pattern::Fast, 99)] {
        let led = Led { colour: Colour::Green, pattern };
        let lit = |ms: u64| led.is_lit(ms * MS);
        assert!(lit(0));
        assert_eq!((1..10_000).filter(|&ms| lit(ms) != lit(ms - 1)).count(), changes, "{pattern:?}");
    }
}

/// What can be done to the panel in a moment.
const DEEDS: [(bool, u64); 8] =
    [(true, 5), (true, 50), (true, 3_050), (true, 6_050), (true, 9_500), (false, 5), (false, 600), (false, 6_500)];

/// Walks every state that deeds lead to, and all that follows from each.
#[test]
fn the_whole_graph_has_no_dead_end() {
    walk(true, 5);
    walk(false, 6);
}

/// With factory settings that can be made or not, and so many modes beside the pages.
fn walk(takes: bool, more: usize) {
    /// Alike are panels that do the same from now on: mode, and how the button stands.
    fn key(hand: &Hand) -> String {
        // What matters of the past: the time left of each timer, as seen when it is left alone or held.
        let (mut alone, mut held) = (*hand, *hand);
        let mut course = vec![hand.panel.mode()];
        for (hand, is_pressed) in [(&mut alone, false), (&mut held, true)] {
            for _ in 0..26 {
                hand.panel.step(hand.now_ms * MS, is_pressed);
                hand.now_ms += 500;
                hand.panel.take_wish().into_iter().for_each(|_| hand.panel.reset_done(hand.takes));
                course.push(hand.panel.mode());
            }
        }
        format!("{course:?}")
    }
    let start = |is_held| Hand { takes, ..Hand::new(is_held) };
    let mut queue = VecDeque::from([start(false), start(true)]);
    let mut seen: HashSet<String> = queue.iter().map(key).collect();
    let mut modes = HashMap::new();
    while let Some(hand) = queue.pop_front() {
        let name = format!("{:?}", hand.panel.mode());
        *modes.entry(name).or_insert(0) += 1;
        // Left alone, it comes to rest; within 5 s outside of prompts.
        let mut alone = hand;
        let (waits, rest) = match hand.panel.mode() {
            Mode::View(_) => (5_000, NORMAL),
            Mode::AskMaintenance => (3_000, NORMAL),
            Mode::Resetting if takes => (1_000, NORMAL),
            Mode::Resetting => (7_000, Mode::Maintenance),
            Mode::Maintenance | Mode::AskFirmware | Mode::AskFactory | Mode::NotReset => (6_000, Mode::Maintenance),
        };
        alone.keep(false, waits + SLACK_MS);
        assert_eq!(alone.panel.mode(), rest, "{:?}", hand.panel.mode());
        // From rest a hand finds the way to the normal view.
        if rest == Mode::Maintenance {
            alone.keep(true, 3_050).keep(false, 100).tap();
        }
        assert_eq!(alone.panel.mode(), NORMAL);
        for (is_pressed, ms) in DEEDS {
            let mut next = hand;
            next.keep(is_pressed, ms);
            if seen.insert(key(&next)) {
                queue.push_back(next);
            }
        }
        assert!(seen.len() < 2_000, "the graph does not end");
    }
    let pages = modes.keys().filter(|name| name.starts_with("View")).count();
    assert_eq!((pages, modes.len()), (Page::ALL.len(), Page::ALL.len() + more), "{modes:?}");
}

fn deeds() -> impl Strategy<Value = Vec<(bool, u64)>> {
    let ms = prop_oneof![1u64..30, 1u64..300, 2_900u64..3_100, 5_900u64..6_100, 1u64..12_000];
    prop::collection::vec((any::<bool>(), ms), 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// It does not matter how often the panel is told the time.
    #[test]
    fn seldom_told_it_does_the_same(deeds in deeds(), is_held: bool) {
        let (mut fine, mut coarse) = (Hand::new(is_held), Panel::new(0, is_held));
        let mut now = 0;
        for (is_pressed, ms) in deeds {
            coarse.step(now * MS, is_pressed);
            if coarse.take_wish().is_some() {
                coarse.reset_done(true);
            }
            fine.keep(is_pressed, ms);
            now += ms;
            let mut told = coarse;
            // Up to the instant that the other has seen.
            told.step((now - 1) * MS, is_pressed);
            if told.take_wish().is_some() {
                told.reset_done(true);
                told.step((now - 1) * MS, is_pressed);
            }
            prop_assert_eq!(told.mode(), fine.panel.mode());
            coarse = told;
        }
    }

    /// Bouncing of up to 9 ms at each change moves no limit by more than it lasts.
    #[test]
    fn bouncing_leads_to_nothing(
        deeds in prop::collection::vec((any::<bool>(), 30u64..7_000), 1..12),
        bounces in prop::collection::vec(0u64..9, 12),
    ) {
        let (mut clean, mut bouncing) = (Hand::new(false), Hand::new(false));
        for ((is_pressed, ms), bounce) in deeds.into_iter().zip(bounces) {
            // What happens within a bounce of a limit may fall on either side of it.
            let (mut before, mut behind) = (clean, clean);
            before.keep(is_pressed, ms.saturating_sub(25));
            behind.keep(is_pressed, ms + 25);
            prop_assume!(before.panel.mode() == behind.panel.mode());
            clean.keep(is_pressed, ms);
            for n in 0..bounce {
                bouncing.keep(is_pressed != (n % 2 == 1), 1);
            }
            bouncing.keep(is_pressed, ms - bounce);
            prop_assert_eq!(bouncing.panel.mode(), clean.panel.mode());
            prop_assert_eq!(bouncing.resets, clean.resets);
        }
    }

    /// Time that jumps or goes back, and lines that are whole whatever happens.
    #[test]
    fn no_time_breaks_it(steps in prop::collection::vec((any::<u64>(), any::<bool>()), 1..60), is_held: bool) {
        let mut panel = Panel::new(0, is_held);
        for (now_us, is_pressed) in steps {
            panel.step(now_us, is_pressed);
            for line in panel.lines(&Snapshot::default()) {
                prop_assert_eq!(line.len(), 16);
            }
        }
    }
}

/// At the end of its numbers time stands still; what is due then is taken once, whatever the button does.
#[test]
fn time_ends_without_a_loop() {
    for is_held in [false, true] {
        for before in [0, 5, 5_000, 20_000, 4_000_000] {
            let mut panel = Panel::new(u64::MAX - before, is_held);
            for n in 0..20 {
                panel.step(u64::MAX, n % 3 != 0);
            }
        }
    }
}
