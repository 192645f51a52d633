//! Our braiNIX: sessions, byte for byte, on the reference machine and on the core; power cuts; random sessions against a
//! model of the shell.

use std::cell::Cell;
use std::sync::LazyLock;

use brainix::{store, tape};
use images::image::Image;
use images::machine::{EndOfInput, Stop, COMPUTER};
use images::reference::{Program, Reference};
use images::words::WordMachine;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sim::model::{self, EngineKind, MachineKind, Shape};
use sim::session::Buffers;
use tests::programs::config;
use tests::shell::{Shell, LINE, PROMPT};

static TEXT: LazyLock<String> = LazyLock::new(brainix::image);
static PROGRAM: LazyLock<Program> = LazyLock::new(|| Program::new(TEXT.as_bytes()).expect("balanced"));
static IMAGE: LazyLock<Image> = LazyLock::new(|| Image::from_text(TEXT.as_bytes()).expect("fits"));

/// Commands or words after which a session is given up.
const PATIENCE: u64 = 4_000_000_000;

/// What a session printed, whether the shell was left, and the tape afterwards.
struct Session {
    printed: Vec<u8>,
    left: bool,
    cells: Vec<u8>,
}

/// On the word machine, which `agreement` and `engines` hold to the reference machine and to the core.
fn session(cells: Vec<u8>, input: &[u8]) -> Session {
    let mut machine = WordMachine::new(COMPUTER, input);
    machine.cells = cells;
    let left = match machine.run(&IMAGE.words, PATIENCE) {
        Stop::Halted => true,
        Stop::InputEnded => false,
        stop => {
            panic!("{stop:?} after {:?}", text(&machine.output[machine.output.len().saturating_sub(300)..]))
        }
    };
    Session { printed: machine.output, left, cells: machine.cells }
}

fn clean() -> Vec<u8> {
    vec![0; COMPUTER.cells as usize]
}

fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// One line, and what is printed after it was echoed.
const LINES: &[(&str, &str)] = &[
    // The commands of the original.
    ("clear", "\n\n\n\n\n\n\n\n\n"),
    ("du", "0       .\n"),
    ("echo", "\n"),
    ("echo a  b", "a b\n"),
    ("echo one two three", "one two three\n"),
    ("true", ""),
    ("false", ""),
    ("pwd", "/\n"),
    ("whoami", "root\n"),
    ("pwd x y", "/\n"),
    ("pwd`", "command not found\n"),
    ("`pwd", "command not found\n"),
    ("c`t", "command not found\n"),
    ("clear 1 2", "\n\n\n\n\n\n\n\n\n"),
    ("", ""),
    ("    ", ""),
    // Names are matched exactly.
    ("foo", "command not found\n"),
    ("bdu", "command not found\n"),
    ("ech", "command not found\n"),
    ("echoo", "command not found\n"),
    ("Echo a", "command not found\n"),
    ("foo b", "command not found\n"),
    ("catdata", "command not found\n"),
    ("trueechofalse", "command not found\n"),
    // Quotes, escapes, comments.
    ("echo 'a  b'", "a  b\n"),
    ("echo 'a\\b'", "a\\b\n"),
    ("echo \"a\\\"b\\\\c\\d\"", "a\"b\\cd\n"),
    ("echo a\\ \\ b \\#", "a  b #\n"),
    ("e\"ch\"o hi", "hi\n"),
    ("'echo' hi", "hi\n"),
    ("\"echo hi\"", "command not found\n"),
    ("echo \"\" a ''", "a\n"),
    ("echo a#b c", "a\n"),
    ("# nothing", ""),
    ("echo 'a#b' \"c#d\" e\\#f", "a#b c#d e#f\n"),
    ("echo a\\\nb", "ab\n"),
    ("echo 'a\nb' \"c\nd\"", "a\nb c\nd\n"),
    ("echo 'it\"s' \"it's\"", "it\"s it's\n"),
    ("echo $HOME * | & a&b", "$HOME * | & a&b\n"),
    ("echo a\tb", "a\tb\n"),
    // Options.
    ("echo -n", ""),
    ("echo -n a b", "a b"),
    ("echo a -n", "a -n\n"),
    ("echo -nn", "-nn\n"),
    ("echo '-n' x", "x"),
    ("echo 123456789012345678901234567890 123456789012 x", "123456789012345678901234567890 123456789012 x\n"),
    // Chains.
    ("echo a; echo b;echo c", "a\nb\nc\n"),
    ("true && echo yes", "yes\n"),
    ("false && echo no", ""),
    ("true || echo no", ""),
    ("false || echo yes", "yes\n"),
    ("false && echo a || echo b", "b\n"),
    ("true && false || echo c; echo d", "c\nd\n"),
    ("foo || echo or", "command not found\nor\n"),
    ("echo 'a;b' a\\;b \"a&&b\"", "a;b a;b a&&b\n"),
    (";;", ""),
    // Files.
    ("echo hello > a", ""),
    ("cat a", "hello\n"),
    ("ls", "a\n"),
    ("du", "6       .\n"),
    ("echo more >> a; cat a", "hello\nmore\n"),
    ("cat a a", "hello\nmore\nhello\nmore\n"),
    ("cat < a", "hello\nmore\n"),
    ("cp a b; cat b", "hello\nmore\n"),
    ("cat a b >> b; cat b", "hello\nmore\nhello\nmore\nhello\nmore\n"),
    ("mv b c; ls", "a\nc\n"),
    ("echo new>c;cat c", "new\n"),
    ("mv c a; ls; cat a", "a\nnew\n"),
    ("mv a a; cp a a; cat a", "new\n"),
    ("touch x y a; ls", "a\nx\ny\n"),
    ("> x; cat x", ""),
    (">> z; ls z", "z\n"),
    ("rm x y z; ls", "a\n"),
    ("ls > l; cat l", "a\nl\n"),
    ("pwd > p; whoami >> p; cat p; rm l p", "/\nroot\n"),
    ("echo a > 'my file'; ls; rm my\\ file", "a\nmy file\n"),
    ("echo one > a > b; ls; cat b; rm b", "a\nb\none\n"),
    ("rm a; du; ls", "0       .\n"),
    // Files that change while their output is kept for a redirection.
    ("echo one > a; touch b >> a; ls; cat a b", "a\nb\none\n"),
    ("cp a b >> a; cat a b", "one\none\n"),
    ("mv a c >> a; ls; cat c", "b\nc\none\n"),
    ("rm b >> b; rm c >> c; ls; du", "0       .\n"),
    // Errors.
    ("cat", "missing file name\n"),
    ("cat nothing", "no such file\n"),
    ("cat < nothing", "no such file\n"),
    ("rm", "missing file name\n"),
    ("rm nothing", "no such file\n"),
    ("mv", "missing file name\n"),
    ("mv nothing", "no such file\n"),
    ("cp", "missing file name\n"),
    ("touch", "missing file name\n"),
    ("touch f; cp f; mv f; rm f", "missing file name\nmissing file name\n"),
    ("touch 1234567890123", "name too long\n"),
    ("echo a > 1234567890123", "name too long\n"),
    ("echo a >", "syntax error\n"),
    ("echo a > > b", "syntax error\n"),
    ("echo a > ; ls", "syntax error\n"),
    ("touch f; rm f nothing; ls; rm f", "no such file\nf\n"),
    ("bf nothing", "no such file\n"),
    // Programs.
    (
        "bf\n++++++++[>++++++++<-]>+.\n",
        "\nEnter program:\n\n++++++++[>++++++++<-]>+.\n\nRunning...\n\nA\n\nSuccess!\n\n",
    ),
    ("bf\n\n", "\nEnter program:\n\n\n\nRunning...\n\n\n\nSuccess!\n\n"),
    ("bf\n+\n<\n+.\n", "\nEnter program:\n\n+\n<\n+.\n\nRunning...\n\n\n\nSuccess!\n\n"),
    ("bf\n-.\n", "\nEnter program:\n\n-.\n\nRunning...\n\n\u{ff}\n\nSuccess!\n\n"),
    ("bf\n[\n", "\nEnter program:\n\n[\n\nunbalanced brackets\n"),
    ("bf\n+]\n", "\nEnter program:\n\n+]\n\nunbalanced brackets\n"),
    ("bf\n+[>+]\n", "\nEnter program:\n\n+[>+]\n\nRunning...\n\nout of cells\n"),
    ("echo '+++++++[>+++++++<-]>.' > p; bf p; bf p > o; cat o", "11"),
    ("echo ',[.,]' > r; bf r < o; rm p o r", "1"),
];

/// A case of the table as input; what is typed into a program is part of the line.
fn typed(line: &str) -> Vec<u8> {
    [line.as_bytes(), b"\n"].concat()
}

/// What the session prints: prompt, echo (all of the line but what a program's text repeats by itself), answer.
fn expected(line: &str, answer: &str) -> Vec<u8> {
    let echoed = if line.starts_with("bf\n") { "bf" } else { line };
    let answer: Vec<u8> = answer.chars().map(|letter| letter as u32 as u8).collect();
    [PROMPT.as_bytes(), echoed.as_bytes(), b"\n", &answer].concat()
}

#[test]
fn each_line_prints_what_it_must() {
    let mut cells = clean();
    for (line, answer) in LINES.iter() {
        let seen = session(cells, &typed(line));
        let wanted = [expected(line, answer), PROMPT.into()].concat();
        assert_eq!(text(&seen.printed), text(&wanted), "{line:?}");
        cells = seen.cells;
    }
}

/// All lines in one session, as many as are asked for.
fn long_session(lines: usize) -> (Vec<u8>, Vec<u8>) {
    let table = || LINES.iter().cycle().take(lines);
    let input = table().flat_map(|(line, _)| typed(line)).collect();
    let mut output: Vec<u8> = table().flat_map(|(line, answer)| expected(line, answer)).collect();
    output.extend(PROMPT.as_bytes());
    (input, output)
}

#[test]
fn the_reference_machine_prints_the_same() {
    let (input, output) = long_session(LINES.len());
    let mut machine = Reference::new(COMPUTER, &input, EndOfInput::Wait);
    assert_eq!(machine.run(&PROGRAM, PATIENCE), Stop::InputEnded);
    assert_eq!(text(&machine.output), text(&output));
}

#[test]
fn the_core_in_simulation_prints_the_same() {
    let (input, output) = long_session(LINES.len());
    let model =
        model::new(EngineKind::Verilator, MachineKind::Big, Shape::Bare).expect("the engine is built");
    let mut core = sim::session::Session::new(model, Shape::Bare);
    core.model().load(&IMAGE.words);
    core.switch_on();
    let mut console = Buffers::new(&input);
    core.run(&mut console, u64::MAX).expect("memory does not fail");
    assert_eq!(text(&console.output), text(&output));
    let used = core.model().cells().iter().rposition(|&cell| cell != 0).expect("something is kept");
    assert!(used < COMPUTER.cells as usize);
}

#[test]
fn fifteen_hundred_lines_leave_no_trace() {
    let (input, output) = long_session(1500);
    let seen = session(clean(), &input);
    assert_eq!(seen.printed.len(), output.len());
    assert_eq!(seen.printed, output);
}

#[test]
fn the_image_is_what_its_name_says_and_fits_the_board() {
    let committed: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../images"))
        .expect("the folder")
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter(|name| name.starts_with("brainix_v"))
        .collect();
    assert_eq!(committed, [brainix::file_name(&TEXT)], "make images");
    let path = format!("{}/../images/{}", env!("CARGO_MANIFEST_DIR"), committed[0]);
    let file = std::fs::read_to_string(path).expect("the image");
    assert_eq!(file, brainix::file_text(&TEXT), "make images");

    let name = images::requirements::Name::parse(&committed[0]).expect("a name");
    let mut machine = Reference::new(COMPUTER, b"", EndOfInput::Wait);
    assert_eq!(machine.run(&PROGRAM, PATIENCE), Stop::InputEnded);
    let measure = images::text::measure(TEXT.as_bytes()).expect("balanced");
    assert_eq!(name.requires.kilobytes, images::requirements::kilobytes(measure.commands));
    assert_eq!(name.requires.depth, measure.depth);
    assert_eq!(name.requires.cells as usize, machine.highest + 1);
    assert!(name.requires.cells <= COMPUTER.cells && name.requires.depth <= COMPUTER.depth);
    assert!(machine.executed < 20_000, "boot: {}", machine.executed);
}

#[test]
fn a_typed_character_costs_less_than_2000_commands() {
    let cost = |input: &[u8]| {
        let mut machine = Reference::new(COMPUTER, input, EndOfInput::Wait);
        assert_eq!(machine.run(&PROGRAM, PATIENCE), Stop::InputEnded);
        machine.executed
    };
    let long = vec![b'x'; LINE - 1];
    for line in [
        &b""[..],
        b"echo '",
        b"echo \"",
        b"echo \\",
        b"# ",
        b">",
        b"&",
        b"|",
        b"'\n",
        b"\"\n",
        b"\\\n",
        b"'",
        &long,
    ] {
        let before = cost(line);
        for byte in (0..=255).filter(|&byte| byte != b'\n' && byte != 21) {
            let after = cost(&[line, &[byte]].concat());
            assert!(after - before < 2000, "{byte} after {:?}: {}", text(line), after - before);
        }
    }
}

#[test]
fn every_byte_is_echoed_or_edits() {
    for byte in (1..255).filter(|byte| !b"\n\x08\x15\x7f'\"\\#;&|<> ".contains(byte)) {
        let seen = session(clean(), &[b"echo ", &[byte][..], b"x\n"].concat());
        let line = [&[byte][..], b"x\n"].concat();
        let wanted = [PROMPT.as_bytes(), b"echo ", &line, &line, PROMPT.as_bytes()].concat();
        assert_eq!(text(&seen.printed), text(&wanted), "{byte}");
    }
    for dropped in [0, 255] {
        let seen = session(clean(), &[b"pw", &[dropped][..], b"d\n"].concat());
        assert_eq!(text(&seen.printed), text(format!("{PROMPT}pwd\n/\n{PROMPT}").as_bytes()));
    }
}

#[test]
fn characters_and_lines_are_taken_back() {
    let erase = "\x08 \x08";
    for (input, printed) in [
        ("pwx\x08d\n", format!("{PROMPT}pwx{erase}d\n/\n{PROMPT}")),
        ("pwx\x7fd\n", format!("{PROMPT}pwx{erase}d\n/\n{PROMPT}")),
        ("\x08\x08pwd\n", format!("{PROMPT}pwd\n/\n{PROMPT}")),
        ("rm a\x15pwd\n", format!("{PROMPT}rm a{erase}{erase}{erase}{erase}pwd\n/\n{PROMPT}")),
        // The state of the lexer goes back with the character.
        ("echo '\x08a\n", format!("{PROMPT}echo '{erase}a\na\n{PROMPT}")),
        ("echo a\\\x08\\#\n", format!("{PROMPT}echo a\\{erase}\\#\na#\n{PROMPT}")),
        ("echo a >>\x08\x08b\n", format!("{PROMPT}echo a >>{erase}{erase}b\na b\n{PROMPT}")),
        ("echo a &&\x08 b\n", format!("{PROMPT}echo a &&{erase} b\na & b\n{PROMPT}")),
        // Not over the beginning of a line that goes on.
        ("echo 'a\nb\x08\x08\x15'\n", format!("{PROMPT}echo 'a\nb{erase}'\na\n\n{PROMPT}")),
    ] {
        assert_eq!(text(&session(clean(), input.as_bytes()).printed), text(printed.as_bytes()), "{input:?}");
    }
}

#[test]
fn long_lines_are_carried_out_or_refused_whole() {
    for length in [100, LINE - 1, LINE, LINE + 1, 3 * LINE] {
        let word = "x".repeat(length - 5);
        let mut shell = Shell::default();
        let input = format!("echo {word}\npwd\n");
        shell.session(input.as_bytes());
        let seen = session(clean(), input.as_bytes());
        assert_eq!(text(&seen.printed), text(&shell.printed), "{length}");
        assert_eq!(
            length < LINE,
            seen.printed.ends_with(format!("{word}\n{PROMPT}pwd\n/\n{PROMPT}").as_bytes())
        );
    }
}

#[test]
fn at_every_end_of_input_it_waits() {
    for mode in EndOfInput::ALL {
        for input in ["", "ec", "echo 'a", "pwd\n", "bf\n+"] {
            let mut machine = Reference::new(COMPUTER, input.as_bytes(), mode);
            let stop = machine.run(&PROGRAM, 3_000_000);
            assert_eq!(stop, if mode == EndOfInput::Wait { Stop::InputEnded } else { Stop::Limit });
            let mut shell = Shell::default();
            shell.session(input.as_bytes());
            assert_eq!(text(&machine.output), text(&shell.printed), "{mode} {input:?}");
        }
    }
}

#[test]
fn programs_nest_as_deep_as_a_cell_counts() {
    let run = |open: usize, close: usize| {
        let input = format!("bf\n{}{}\n\npwd\n", "[".repeat(open), "]".repeat(close));
        let mut shell = Shell::default();
        shell.session(input.as_bytes());
        let seen = session(clean(), input.as_bytes());
        assert_eq!(text(&seen.printed), text(&shell.printed), "{open} and {close}");
        text(&seen.printed)
    };
    assert!(run(255, 0).contains("unbalanced"));
    assert!(run(256, 0).contains("out of cells"));
    assert!(run(256, 1).contains("out of cells"));
    assert!(run(160, 160).contains("Success"));
    assert!(run(1, 2).contains("unbalanced"));
    // More than there are frames.
    assert!(run(250, 250).contains("out of cells"));
}

#[test]
fn it_is_left_at_once_and_starts_again_with_its_files() {
    for leave in ["exit", "logout", "true && exit; pwd", "exit 1"] {
        let first = session(clean(), format!("echo kept > file\n{leave}\npwd\n").as_bytes());
        assert!(first.left);
        assert_eq!(
            text(&first.printed),
            text(format!("{PROMPT}echo kept > file\n{PROMPT}{leave}\n").as_bytes())
        );
        let second = session(first.cells, b"cat file\n");
        assert_eq!(text(&second.printed), text(format!("{PROMPT}cat file\nkept\n{PROMPT}").as_bytes()));
    }
}

#[test]
fn of_several_mistakes_the_first_one_is_reported() {
    // Sixteen files are all that there can be; the last name is too long.
    let names: Vec<String> = (0..17).map(|number| format!("n{number}")).collect();
    let line = format!("touch {} thirteen_chars\n", names.join(" "));
    let seen = text(&session(clean(), line.as_bytes()).printed);
    assert!(seen.contains("no space left") && !seen.contains("name too long"), "{seen}");
}

#[test]
fn a_full_store_says_so_and_loses_nothing() {
    let mut input = String::from("echo precious > a\n");
    for number in 0..40 {
        input += &format!("echo some text {number} >> b\necho {number} > f{number}\nls > l\ncp b c\n");
    }
    input += "cat a b c; ls; du\nrm b c; du; echo again > b; cat b; ls\n";
    let mut shell = Shell::default();
    shell.session(input.as_bytes());
    assert!(text(&shell.printed).contains("no space left"));
    assert_eq!(text(&session(clean(), input.as_bytes()).printed), text(&shell.printed));
}

#[test]
fn any_tape_boots() {
    let mut random = 12345u32;
    let mut byte = || {
        random = random.wrapping_mul(1664525).wrapping_add(1013904223);
        (random >> 24) as u8
    };
    for round in 0..40 {
        let cells = (0..COMPUTER.cells)
            .map(|_| match round {
                0 => 1,
                1 => 255,
                _ => byte(),
            })
            .collect();
        let seen = session(cells, b"echo a > f; cat f; ls\n");
        assert_eq!(
            text(&seen.printed),
            text(format!("{PROMPT}echo a > f; cat f; ls\na\nf\n{PROMPT}").as_bytes())
        );
    }
}

/// The names and contents of the files on a tape, asked for with commands.
fn files(cells: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let begin = PROMPT.len();
    let answer = |cells: Vec<u8>, line: &str| {
        let seen = session(cells, format!("{line}\n").as_bytes());
        let end = seen.printed.len() - PROMPT.len();
        (seen.printed[begin + line.len() + 1..end].to_vec(), seen.cells)
    };
    let (names, mut cells) = answer(cells.to_vec(), "ls");
    let mut files = Vec::new();
    for name in names.split(|&byte| byte == b'\n').filter(|name| !name.is_empty()) {
        let (content, after) = answer(cells, &format!("cat {}", text(name)));
        cells = after;
        files.push((name.to_vec(), content));
    }
    files.sort();
    files
}

#[test]
fn a_power_cut_leaves_every_file_old_or_new() {
    let lines = [
        "echo first > a",
        "echo the second file, longer than a block > b",
        "cat a b",
        "echo more >> a",
        "echo again, over the end of the block >> a",
        "mv a c",
        "cp b a",
        "echo new > b",
        "mv c b",
        "bf\n+++[>+++<-]>.",
        "rm a",
        "touch x y",
        "rm x y b",
    ];
    let mut cells = clean();
    let mut shell = Shell::default();
    for line in lines {
        let input = format!("{line}\n\n");
        let sorted = |shell: &Shell| {
            let mut files = shell.files();
            files.sort();
            files
        };
        let before = sorted(&shell);
        shell.session(input.as_bytes());
        let after = sorted(&shell);
        let mut machine = Reference::new(COMPUTER, input.as_bytes(), EndOfInput::Wait);
        machine.cells.clone_from(&cells);
        let mut total = Reference::new(COMPUTER, input.as_bytes(), EndOfInput::Wait);
        total.cells.clone_from(&cells);
        assert_eq!(total.run(&PROGRAM, PATIENCE), Stop::InputEnded);
        let step = (total.executed / CUTS) | 1;
        // And at each command that changes what decides about blocks: one state of a single command is enough to lose a file.
        let deciding = |machine: &Reference| deciding().map(|cell| machine.cells[cell]).collect::<Vec<u8>>();
        let mut by_command = machine.clone();
        let mut decided = false;
        let mut last = deciding(&by_command);
        while by_command.run(&PROGRAM, 1) == Stop::Limit {
            let now = deciding(&by_command);
            if now != last {
                let seen = files(&by_command.cells);
                decided |= seen == after && seen != before;
                assert!(
                    seen == after || (seen == before && !decided),
                    "{line:?} cut after {} commands: {last:?} became {now:?}",
                    by_command.executed
                );
                last = now;
            }
        }
        let mut decided = false;
        let mut last = None;
        while machine.run(&PROGRAM, step) == Stop::Limit {
            // What matters for the files is the same as after the last cut, mostly.
            let store = machine.cells[brainix::tape::HOME_START as usize..].to_vec();
            if last.as_ref() == Some(&store) {
                continue;
            }
            last = Some(store);
            let seen = files(&machine.cells);
            if seen == after && seen != before {
                decided = true;
            }
            assert!(
                seen == after || (seen == before && !decided),
                "{line:?} cut after {} commands: {seen:?}, before {before:?}, after {after:?}",
                machine.executed
            );
        }
        cells = total.cells;
        assert_eq!(files(&cells), after, "{line:?}");
    }
}

/// The cells that say whether a transaction is open or decided, and which blocks are in force, now and after it.
fn deciding() -> impl Iterator<Item = usize> {
    let home = tape::HOME_START as usize;
    let flags = [tape::OPEN, tape::DECIDED].map(|cell| home + cell.offset as usize);
    let blocks = (0..tape::BLOCKS).flat_map(move |block| {
        let first = tape::FIRST_BLOCK.offset + block * tape::BLOCK_FRAMES * tape::FRAME;
        [store::LIVE, store::NEXT].map(|cell| home + (first + cell.offset) as usize)
    });
    flags.into_iter().chain(blocks)
}

/// Cuts in each line of the session above.
const CUTS: u64 = 300;

/// Pieces of lines, so that much of what is typed means something.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "echo ",
        "echo -n ",
        "cat ",
        "ls ",
        "rm ",
        "mv ",
        "cp ",
        "touch ",
        "du",
        "pwd",
        "true",
        "false",
        "bf ",
        "bf\n++.>+.\n\n",
        "bf\n+[\n\n",
        "bf\n,.\n\nx",
        "clear",
        "whoami",
        "help",
        "a",
        "b",
        "c",
        "file",
        "a b",
        "> a",
        ">> b",
        "< a",
        " > ",
        ">>",
        "<",
        ";",
        " && ",
        " || ",
        "&",
        "|",
        "'",
        "\"",
        "\\",
        "#",
        " ",
        "\n",
        "\n",
        "\n",
        "\n",
        "\x08",
        "\x15",
        "twelve chars",
        "+++.",
        "[-]",
        "echo '+++++[>++++++<-]>++.' > a\n",
        "bf a\n",
        "ls\n",
        "cat a b\n",
        "rm a\n",
    ];
    prop_oneof![
        30 => prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ]
}

/// Characters that are typed in random sessions of either kind, unless the environment says how many cases there are.
const TYPED: usize = 500_000;

#[test]
fn the_model_gives_up_on_a_program_without_end() {
    let mut shell = Shell::default();
    assert!(!shell.session(b"bf\n+[]\n\n") && shell.endless);
    assert!(!shell.session(b"bf\n+[-]\n\n") && !shell.endless);
}

/// A line that does something with files, or with more names than there can be files.
fn file_line() -> impl Strategy<Value = Vec<u8>> {
    let name = || {
        prop_oneof![6 => "[a-d]", 1 => "[e-z]", 1 => "twelve chars"].prop_map(|name| name.replace(' ', "\\ "))
    };
    let commands =
        ["cat", "cp", "du", "echo", "false", "ls", "mv", "pwd", "rm", "touch", "touch", "true", ""];
    let redirections = prop_oneof![3 => Just(""), 2 => Just(">"), 4 => Just(">>"), 1 => Just("<")];
    let command =
        (prop::sample::select(commands.to_vec()), prop::collection::vec(name(), 0..4), redirections, name())
            .prop_map(|(command, names, redirection, file)| {
                let redirected =
                    if redirection.is_empty() { String::new() } else { format!(" {redirection}{file}") };
                format!("{command} {}{redirected}", names.join(" "))
            });
    let ends = prop::sample::select(vec!["\n", "\n", "\n", ";", "&&", "||"]);
    (command, ends).prop_map(|(command, end)| (command + end).into_bytes())
}

#[test]
fn random_file_commands_do_what_the_model_does() {
    let sessions = prop::collection::vec(prop::collection::vec(file_line(), 0..60), 1..3);
    compare_with_model(sessions, 200, 0);
}

#[test]
fn random_sessions_print_what_the_model_prints() {
    let sessions = prop::collection::vec(prop::collection::vec(piece(), 0..120), 1..4);
    compare_with_model(sessions, 1200, TYPED);
}

#[test]
fn random_long_sessions_print_what_the_model_prints() {
    let session = prop::collection::vec(piece(), 0..400).prop_map(|pieces| vec![pieces]);
    compare_with_model(session, 900, TYPED);
}

/// Pieces of input, session by session on one tape: the image prints what the model prints.
fn compare_with_model(sessions: impl Strategy<Value = Vec<Vec<Vec<u8>>>>, cases: u32, least: usize) {
    let typed = Cell::new(0);
    let check = |sessions: Vec<Vec<Vec<u8>>>| {
        let mut shell = Shell::default();
        let mut cells = clean();
        for pieces in sessions {
            // The line that is not finished is lost with the session; so is a program that is not typed to its end.
            let input = [pieces.concat(), b"\n\n".to_vec()].concat();
            shell.printed.clear();
            let left = shell.session(&input);
            prop_assume!(!shell.endless);
            typed.set(typed.get() + input.len() - shell.input.len());
            let seen = session(cells, &input);
            prop_assert_eq!(text(&seen.printed), text(&shell.printed), "{}", text(&input));
            prop_assert_eq!(seen.left, left);
            cells = seen.cells;
            shell.settle_after_cut();
        }
        Ok(())
    };
    let mut config = config(cases);
    config.source_file = Some(file!());
    let result = TestRunner::new(config).run(&sessions, check);
    if let Err(error) = result {
        panic!("{error}");
    }
    println!("{} characters typed", typed.get());
    assert!(std::env::var_os("PROPTEST_CASES").is_some() || typed.get() >= least, "{} typed", typed.get());
}
