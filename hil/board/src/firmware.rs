//! What the firmwares of all boards have in common: the main loop.
//!
//! In comes a platform, out goes nothing: the loop never ends. This file must not know a register.

use core::convert::Infallible;

use embedded_io::ErrorType;
use hil_link::samples_frame;

use crate::board::Board;
use crate::platform::Platform;

/// Most bytes of samples in a request.
pub const MAX_DATA: usize = 2048;

/// Serves the port until the power goes.
pub fn serve<P: Platform + ErrorType<Error = Infallible>>(platform: P) -> ! {
    let mut board = Board::<_, { samples_frame(MAX_DATA) }>::new(platform);
    loop {
        let Ok(_bytes) = board.poll();
    }
}
