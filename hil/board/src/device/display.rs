//! The display: two lines of 16 characters over a snapshot.
//!
//! In come a page and a snapshot, out goes text as a `core::fmt` view, each line exactly 16 characters long. The feed
//! (current 0) is shown. This file must not know buttons or time.

use core::fmt::{self, Display, Formatter};

use metering_core::decimal::Exact;
use metering_core::quantity::WattSecond;
use metering_core::reading::Flags;
use metering_core::residual::State;

use super::Snapshot;
use super::figure::Figure;

/// Characters of a line.
pub const COLUMNS: usize = 16;

/// The channel shown.
const FEED: usize = 0;

/// From so many hours on the time since a reset is shown in days: with them it would leave its line.
const MOST_HOURS: u32 = 10_000;

/// What is shown; "select" goes from each to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// Voltage, current and active power; active energy of both directions.
    #[default]
    Normal,
    /// Time since the reset; active energy of both directions since then.
    Resettable,
    /// RMS voltage.
    Voltage,
    /// RMS current.
    Current,
    /// Residual current, RMS without DC.
    Residual,
    /// Active power.
    Active,
    /// Apparent power.
    Apparent,
    /// Reactive power of the fundamental.
    Reactive,
    /// Power factor.
    PowerFactor,
    /// Phase angle, positive when the current lags.
    PhaseAngle,
    /// Mains frequency.
    Frequency,
}

impl Page {
    /// All, in the order of "select".
    pub const ALL: [Self; 11] = [
        Self::Normal,
        Self::Resettable,
        Self::Voltage,
        Self::Current,
        Self::Residual,
        Self::Active,
        Self::Apparent,
        Self::Reactive,
        Self::PowerFactor,
        Self::PhaseAngle,
        Self::Frequency,
    ];

    /// The next one; after the last comes the first.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL.into_iter().skip_while(|&page| page != self).nth(1).unwrap_or_default()
    }

    /// What stands above a page of one figure.
    const fn title(self) -> &'static str {
        match self {
            Self::Normal | Self::Resettable => "",
            Self::Voltage => "VRMS",
            Self::Current => "IRMS",
            Self::Residual => "RESIDUAL AC RMS",
            Self::Active => "ACTIVE POWER",
            Self::Apparent => "APPARENT POWER",
            Self::Reactive => "REACTIVE POWER",
            Self::PowerFactor => "POWER FACTOR",
            Self::PhaseAngle => "PHASE ANGLE",
            Self::Frequency => "FREQUENCY",
        }
    }
}

/// The upper line of a page.
#[derive(Clone, Copy, Debug)]
pub struct Upper<'a>(pub Page, pub &'a Snapshot);

/// The lower line of a page.
///
/// Its first character warns: `!` residual current at its alarm or pre-warning, or a sensor at fault; `>` a channel was
/// clipped in this window, so the truth may lie above.
#[derive(Clone, Copy, Debug)]
pub struct Lower<'a>(pub Page, pub &'a Snapshot);

impl Display for Upper<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let &Self(page, snapshot) = self;
        match page {
            // 4 + 1 + 5 + 6: room for the sign of the power, which is a space before it else.
            Page::Normal => {
                let [voltage, current, power] = [
                    figure(Page::Voltage, snapshot, 4),
                    figure(Page::Current, snapshot, 5),
                    figure(Page::Active, snapshot, 6),
                ];
                write!(f, "{voltage} {current}{power}")
            }
            Page::Resettable => {
                let seconds = snapshot.registers().since_reset_s(FEED).unwrap_or(0);
                let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
                let mut line = heapless::String::<COLUMNS>::new();
                // Both are at most 16 characters: 9999:59:59 and 49710d 06:28.
                if hours < MOST_HOURS {
                    fmt::write(&mut line, format_args!("{hours}:{minutes:02}:{:02} h:m:s", seconds % 60))?;
                } else {
                    fmt::write(&mut line, format_args!("{}d {:02}:{minutes:02} h:m", hours / 24, hours % 24))?;
                }
                write!(f, "{line:<COLUMNS$}")
            }
            _ => write!(f, "{:<COLUMNS$}", page.title()),
        }
    }
}

impl Display for Lower<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let &Self(page, snapshot) = self;
        write!(f, "{}{}", warning(snapshot), figure(page, snapshot, COLUMNS - 1))
    }
}

fn warning(snapshot: &Snapshot) -> char {
    let trouble = State::PRE_WARNING | State::ALARM | State::SENSOR_SILENT | State::SENSOR_SATURATED;
    if snapshot.residual().intersects(trouble) {
        '!'
    } else if snapshot.reading().is_some_and(|reading| reading.flags.contains(Flags::CLIPPED)) {
        '>'
    } else {
        ' '
    }
}

/// The figure that a page is about, in so many characters.
fn figure(page: Page, snapshot: &Snapshot, width: usize) -> Figure {
    let reading = snapshot.reading();
    let current = reading.and_then(|reading| reading.currents.first()?.as_ref());
    let power = current.and_then(|current| current.power.as_ref());
    let energy = |of: fn(&metering_core::energy::Account) -> WattSecond| {
        snapshot.registers().account(FEED).map(|account| Exact::energy(of(account)))
    };
    let (exact, unit, decimals) = match page {
        Page::Normal => (energy(|account| account.continuous.absolute_active()), "Wh", 0),
        Page::Resettable => (energy(|account| account.resettable().absolute_active()), "Wh", 0),
        Page::Voltage => (reading.and_then(|it| it.voltage).map(|it| Exact::voltage(it.rms)), "V", 1),
        Page::Current => (current.map(|it| Exact::current(it.rms)), "A", 3),
        Page::Residual => (reading.and_then(|it| it.residual).map(|it| Exact::current(it.ac)), "A", 4),
        Page::Active => (power.map(|it| Exact::power(it.active)), "W", 0),
        Page::Reactive => (power.map(|it| Exact::power(it.reactive)), "var", 0),
        Page::PhaseAngle => (power.map(|it| Exact::angle(it.phase)), "deg", 1),
        Page::Apparent => (reading.and_then(|it| it.derived(FEED)).map(|it| Exact::power(it.apparent)), "VA", 0),
        Page::PowerFactor => {
            (reading.and_then(|it| it.derived(FEED)).map(|it| Exact::power_factor(it.power_factor)), "", 3)
        }
        Page::Frequency => (reading.and_then(|it| it.frequency).map(Exact::frequency), "Hz", 2),
    };
    Figure { exact, unit, in_thousandths: page == Page::Residual, decimals, width }
}
