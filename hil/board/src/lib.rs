//! Everything that runs on a board, whatever the board.
