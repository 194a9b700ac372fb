//! What is played of the catalogue.
//!
//! In come arguments, out go points, decisions, cases, and what is skipped and why. This file must not know how anything is
//! played.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use datasets::catalogue::recorded::{self, LoadError};
use datasets::catalogue::{self, Decision, Point, Suite};

use crate::cases::{Case, SUITES};
use crate::cli::{Profile, Run as Arguments};
use crate::report::Skipped;
use crate::terminal::say;

/// All suites there are, and what is not judged.
pub struct Catalogue {
    /// The suites.
    pub suites: Vec<Suite>,
    /// Points without a verdict, with the reason.
    pub skipped: Vec<Skipped>,
}

/// Loads the catalogue; without a folder of recordings their suite is named as skipped.
///
/// # Errors
/// The folder's table is damaged.
pub fn catalogue(recordings: &Path) -> Result<Catalogue> {
    let mut suites = catalogue::synthetic();
    let mut skipped = Vec::new();
    match recorded::load(recordings) {
        Ok(loaded) => {
            let name = loaded.suite.name.clone();
            skipped.extend(loaded.unjudged.into_iter().map(|(point, reason)| Skipped {
                suite: name.clone(),
                point,
                reason: reason.to_string(),
            }));
            suites.push(loaded.suite);
        }
        Err(LoadError::Absent(folder)) => skipped.push(Skipped {
            suite: "recorded".into(),
            point: "(all)".into(),
            reason: format!(
                "no {} in {}: give a folder of recordings with --recordings DIR or HIL_RECORDINGS",
                recorded::TABLE,
                folder.display()
            ),
        }),
        Err(error) => bail!("{error}"),
    }
    Ok(Catalogue { suites, skipped })
}

/// Points with the name of their suite.
pub(super) type Chosen<'a> = Vec<(&'a str, &'a Point)>;

/// The points and the cases that are wanted; says what is skipped.
pub(super) fn choice<'a>(
    arguments: &Arguments,
    suites: &'a [Suite],
    skipped: &mut Vec<Skipped>,
) -> Result<(Chosen<'a>, Vec<Case>)> {
    let chosen = choose(arguments, suites, skipped)?;
    let is_quick = profile(arguments) == Profile::Quick && arguments.suite.is_empty();
    let wanted = |case: &Case| wants(arguments, case.suite()) && (case.is_quick() || !is_quick);
    let cases: Vec<Case> = Case::all().filter(wanted).collect();
    skipped.retain(|skipped| wants(arguments, &skipped.suite));
    for skipped in skipped.iter().filter(|skipped| skipped.point == "(all)") {
        if chosen.is_empty() && cases.is_empty() {
            bail!("nothing to play: suite {} is skipped: {}", skipped.suite, skipped.reason);
        }
        say(&format!("suite {} is skipped: {}", skipped.suite, skipped.reason));
    }
    ensure!(
        !chosen.is_empty() || !cases.is_empty(),
        "nothing to play: suite {} has no point to judge",
        arguments.suite.join(", ")
    );
    Ok((chosen, cases))
}

pub(super) fn profile(arguments: &Arguments) -> Profile {
    // The emulator takes far fewer bytes than others: the choice of its suites is the quick one, too.
    let quick = arguments.suite.is_empty() || arguments.board == "emulated";
    arguments.profile.unwrap_or(if quick { Profile::Quick } else { Profile::Full })
}

/// Whether a suite is wanted: all are, unless some are named.
fn wants(arguments: &Arguments, suite: &str) -> bool {
    arguments.suite.is_empty() || arguments.suite.iter().any(|name| name == suite)
}

/// The points to play.
fn choose<'a>(arguments: &Arguments, suites: &'a [Suite], skipped: &[Skipped]) -> Result<Chosen<'a>> {
    for name in &arguments.suite {
        let absent = skipped.iter().filter(|skipped| skipped.point == "(all)").map(|skipped| skipped.suite.as_str());
        let names = suites.iter().map(|suite| suite.name.as_str()).chain(absent);
        let names: Vec<&str> = names.chain(SUITES.map(|(name, _)| name)).collect();
        ensure!(names.contains(&name.as_str()), "no suite {name}; there are: {}", names.join(", "));
    }
    let quick = profile(arguments) == Profile::Quick;
    let wanted = suites.iter().filter(|suite| wants(arguments, &suite.name));
    Ok(wanted
        .flat_map(|suite| suite.points.iter().map(|point| (suite.name.as_str(), point)))
        .filter(|(_, point)| point.quick || !quick || (point.named && is_by_name(arguments)))
        .collect())
}

/// Suites are asked for by name and nothing is said of how much.
fn is_by_name(arguments: &Arguments) -> bool {
    !arguments.suite.is_empty() && arguments.profile.is_none()
}

/// The decisions to sweep, by suite: all where their suite is asked for by name, else as the profile says.
pub(super) fn decisions<'a>(arguments: &Arguments, suites: &'a [Suite]) -> Vec<(&'a str, Vec<&'a Decision>)> {
    let quick = profile(arguments) == Profile::Quick && !is_by_name(arguments);
    let wanted = suites.iter().filter(|suite| arguments.suite.is_empty() || arguments.suite.contains(&suite.name));
    wanted
        .map(|suite| {
            (suite.name.as_str(), suite.decisions.iter().filter(|decision| decision.quick || !quick).collect())
        })
        .collect()
}
