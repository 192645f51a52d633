//! The benchmarks are what the assembler makes of their sources, and their outputs are right.

use images::{benchmarks, programs};

#[test]
fn the_shipped_texts_are_assembled_from_the_sources() {
    for (name, text) in benchmarks::all() {
        let shipped = programs::find(name).expect("it is shipped");
        assert_eq!(String::from_utf8_lossy(shipped.text), text + "\n", "make images");
    }
}

/// That the programs print their outputs is tested with all shipped programs; here, that the outputs are right.
fn output(name: &str) -> Vec<String> {
    let output = programs::find(name).expect("it is shipped").output;
    std::str::from_utf8(output).expect("text").lines().map(String::from).collect()
}

#[test]
fn factors_are_prime_and_their_product_is_the_number() {
    let lines = output("factors");
    assert_eq!(lines.len(), 254);
    for (number, line) in (2u32..).zip(lines) {
        let (name, factors) = line.split_once(": ").expect("a number and its factors");
        assert_eq!(name, number.to_string());
        let factors: Vec<u32> = factors.split(' ').map(|factor| factor.parse().expect("a number")).collect();
        assert!(factors.iter().all(|&factor| (2..factor).all(|divisor| factor % divisor != 0)), "{line}");
        assert!(factors.is_sorted() && factors.iter().product::<u32>() == number, "{line}");
    }
}

#[test]
fn the_tower_moves_by_the_rules() {
    let mut pegs = [('a'..='l').rev().collect::<Vec<char>>(), Vec::new(), Vec::new()];
    let moves = output("hanoi");
    assert_eq!(moves.len(), (1 << 12) - 1);
    for line in moves {
        let letters: Vec<char> = line.chars().collect();
        let peg = |letter: char| letter as usize - '1' as usize;
        let disk = pegs[peg(letters[1])].pop();
        assert_eq!(disk, Some(letters[0]), "{line}");
        let onto = &mut pegs[peg(letters[2])];
        assert!(onto.last().is_none_or(|&below| below > letters[0]), "{line}");
        onto.push(letters[0]);
    }
    assert_eq!(pegs[2].len(), 12);
}

#[test]
fn the_letters_count_the_steps_to_escape() {
    use benchmarks::{BEFORE, COLUMNS, ROWS, STEPS, UNIT};
    let letter = |real: i32, imaginary: i32| {
        let (mut x, mut y) = (0i32, 0i32);
        for step in 0..STEPS {
            let (xx, yy) = (x * x / UNIT, y * y / UNIT);
            if x.abs() >= 2 * UNIT || y.abs() >= 2 * UNIT || xx + yy > 4 * UNIT {
                return char::from(b'a' + step as u8);
            }
            // Cut off before it is doubled.
            (x, y) = (xx - yy + real, 2 * (x * y / UNIT) + imaginary);
        }
        ' '
    };
    let row = |row: i32| -> String {
        (0..COLUMNS.0).map(|column| letter(column * COLUMNS.1 - BEFORE.0, row * ROWS.1 - BEFORE.1)).collect()
    };
    let expected: Vec<String> = (0..ROWS.0).map(row).collect();
    assert_eq!(output("mandelbrot"), expected);
    // Known points: 0 and -1 never escape, 1/2 and the corners do.
    let at = |real: i32, imaginary: i32| letter(real * UNIT / 4, imaginary * UNIT / 4);
    assert_eq!((at(0, 0), at(-4, 0)), (' ', ' '));
    assert!(at(2, 0) != ' ' && at(-8, -5) != ' ');
}
