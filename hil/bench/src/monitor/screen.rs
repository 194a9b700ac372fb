//! The terminal, taken and given back.
//!
//! In comes nothing, out goes a terminal to draw on, which is given back as it was however the program leaves: at the end
//! of the guard's life, on a panic of any thread, and when a signal asks the program to end. This file must not know what
//! is drawn.

use std::io::{self, IsTerminal, Stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, ensure};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// A terminal in raw mode, on its alternate screen.
pub struct Screen {
    /// To draw on.
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
    /// A signal asked the program to end.
    end: Arc<AtomicBool>,
    /// A thread panicked.
    panicked: Arc<AtomicBool>,
}

impl Screen {
    /// Whether there is a terminal to take.
    ///
    /// # Errors
    /// Standard input or output is none.
    pub fn check() -> Result<()> {
        ensure!(
            io::stdin().is_terminal() && io::stdout().is_terminal(),
            "hil monitor draws on a terminal, and standard input or output is none; `hil measure` and `hil run` print \
             readings"
        );
        Ok(())
    }

    /// Takes the terminal.
    ///
    /// # Errors
    /// It cannot be set up.
    pub fn take() -> Result<Self> {
        let end = Arc::new(AtomicBool::new(false));
        // Ctrl-C comes as a key; these are for whoever ends the program from outside. A second one ends it where it stands:
        // a terminal that takes no more output would hold it for ever.
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register_conditional_shutdown(signal, 1, end.clone())
                .context("no signal can be heard")?;
            signal_hook::flag::register(signal, end.clone()).context("no signal can be heard")?;
        }
        let panicked = Arc::new(AtomicBool::new(false));
        let (before, told) = (std::panic::take_hook(), panicked.clone());
        std::panic::set_hook(Box::new(move |panic| {
            // First of all no more is drawn; then the terminal can show what went wrong.
            if !told.swap(true, Ordering::SeqCst) {
                give_back();
            }
            before(panic);
        }));
        enable_raw_mode().context("the terminal cannot be set up")?;
        // From here on dropping gives it back.
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout())).context("the terminal cannot be had");
        let mut screen = match terminal {
            Ok(terminal) => Self { terminal, end, panicked },
            Err(error) => {
                give_back();
                return Err(error);
            }
        };
        // Not by the library's own clear: that asks the terminal where its cursor is, and not every one answers.
        let set_up = execute!(io::stdout(), EnterAlternateScreen, Clear(ClearType::All));
        set_up.and_then(|()| screen.terminal.hide_cursor()).context("the terminal cannot be set up")?;
        Ok(screen)
    }

    /// Whether it is time to leave: a thread panicked, or a signal came.
    pub fn is_ending(&self) -> bool {
        self.end.load(Ordering::SeqCst) || self.is_broken()
    }

    /// Whether a thread panicked; the terminal has been given back then.
    pub fn is_broken(&self) -> bool {
        self.panicked.load(Ordering::SeqCst)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back: cooked, its own screen, the cursor shown. Twice does no harm.
fn give_back() {
    // A terminal that is gone needs nothing.
    let _gone = disable_raw_mode();
    let _gone = execute!(io::stdout(), LeaveAlternateScreen, Show);
}
