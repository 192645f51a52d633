//! What the system says when something goes wrong. The error register holds one of these numbers, or 0.

/// No such command.
pub const NOT_FOUND: u8 = 1;
/// A name that no file has.
pub const NO_FILE: u8 = 2;
/// All blocks, owners or sequence numbers are in use.
pub const NO_SPACE: u8 = 3;
/// More letters than a name can have.
pub const LONG_NAME: u8 = 4;
/// A command that needs another file name.
pub const NO_NAME: u8 = 5;
/// A redirection without a file name.
pub const SYNTAX: u8 = 6;
/// More characters than the line has room for.
pub const LONG_LINE: u8 = 7;
/// Brackets of a program that do not match.
pub const BRACKETS: u8 = 8;
/// A program that does not fit, or needs more cells than there are.
pub const NO_CELLS: u8 = 9;

/// The texts, from number 1 on.
pub const TEXTS: [&str; 9] = [
    "command not found\n",
    "no such file\n",
    "no space left\n",
    "name too long\n",
    "missing file name\n",
    "syntax error\n",
    "line too long\n",
    "unbalanced brackets\n",
    "out of cells\n",
];
