//! The registers of all devices.

use crate::table::devices;

devices! {
    #[doc = "The board itself."]
    board at 0x8000_0000 {
        #[doc = "The eight LEDs, a bit each."]
        LEDS = 0x00, RW;
        #[doc = "Why the board started last."]
        RESET_CAUSE = 0x04, R, reset_cause {
            #[doc = "It was switched on."]
            POWER = 0,
            #[doc = "The button was pressed."]
            BUTTON = 1,
            #[doc = "The firmware wanted it."]
            FIRMWARE = 2,
        };
        #[doc = "A write starts the board again."]
        RESET = 0x08, W;
    }

    #[doc = "The serial line: 8 data bits, no parity, 1 stop bit, with a queue in each direction."]
    uart at 0x8000_0100 {
        #[doc = "A read takes the oldest byte received (0 if there is none), a write sends a byte (if there is room)."]
        DATA = 0x00, RW;
        #[doc = "What the line does. Writing ones clears the bits from OVERRUN on."]
        STATUS = 0x04, RW, status {
            #[doc = "A byte has been received."]
            RECEIVED = 0,
            #[doc = "There is room for a byte to send."]
            ROOM = 1,
            #[doc = "Everything has been sent."]
            SENT = 2,
            #[doc = "A byte was received and there was no room for it."]
            OVERRUN = 3,
            #[doc = "A byte came without its stop bit."]
            FRAMING = 4,
            #[doc = "The line was low for longer than a byte."]
            BREAK = 5,
            #[doc = "The core has lost the line, to the byte in KEY or to a break."]
            LEFT = 6,
        };
        #[doc = "Which bits of STATUS interrupt while they are set: RECEIVED, ROOM, SENT, BREAK and LEFT can."]
        ENABLE = 0x08, RW;
        #[doc = "Cycles of a bit, 16 to 65,535: CLOCK_HZ divided by the baud rate. It is written when everything has been sent."]
        BIT_CYCLES = 0x0C, RW;
        #[doc = "Whose the line is: the firmware's, after a reset."]
        OWNER = 0x10, RW, owner {
            #[doc = "The Brainfuck core's: its bytes go out, and come in when it waits for them. DATA does nothing then. What had been received when it loses the line to KEY or a break is gone."]
            CORE = 0,
        };
        #[doc = "The byte that takes the line from the core when it is received, or when it had been received before; the core does not get it, nor what is before it."]
        KEY = 0x14, RW;
    }

    #[doc = "A clock of 64 bits that never stops, and an alarm."]
    timer at 0x8000_0200 {
        #[doc = "Cycles since the board was switched on, the lower half."]
        TIME_LOW = 0x00, R;
        #[doc = "The upper half."]
        TIME_HIGH = 0x04, R;
        #[doc = "The timer interrupts while the time is not before this, the lower half. All ones after a reset."]
        COMPARE_LOW = 0x08, RW;
        #[doc = "The upper half."]
        COMPARE_HIGH = 0x0C, RW;
    }

    #[doc = "The flash, for everything but reading. Reads of the flash window and fetches wait while it is held."]
    flash at 0x8000_0300 {
        #[doc = "Holds and selects the flash."]
        CONTROL = 0x00, RW, control {
            #[doc = "The firmware wants the flash."]
            HOLD = 0,
            #[doc = "The flash is selected, while the firmware has it."]
            SELECT = 1,
        };
        #[doc = "Whose the flash is."]
        STATUS = 0x04, R, status {
            #[doc = "The firmware has the flash."]
            OWNED = 0,
            #[doc = "A byte is on its way. Writes to DATA and changes of SELECT are lost meanwhile."]
            BUSY = 1,
            #[doc = "The caches are forgetting a sector; reads of the flash window wait."]
            FORGETTING = 2,
        };
        #[doc = "A write sends a byte, a read gives the byte that came in with the last."]
        DATA = 0x08, RW;
        #[doc = "A write of a flash address: the caches forget the sector that it is in."]
        FORGET = 0x0C, W;
    }

    #[doc = "The Brainfuck core. Its state can be written while it is stopped."]
    core at 0x8000_0400 {
        #[doc = "Writing a one:"]
        CONTROL = 0x00, W, control {
            #[doc = "goes on at POSITION with the cell at POINTER;"]
            START = 0,
            #[doc = "stops before the next word; words that belong together stay together;"]
            STOP = 1,
            #[doc = "goes on for one word;"]
            STEP = 2,
            #[doc = "stops at once and sets everything to 0 but the cells, PROGRAM, LENGTH and ENABLE."]
            CLEAR = 3,
        };
        #[doc = "What the core does. Writing a one clears FED."]
        STATUS = 0x04, RW, status {
            #[doc = "There is a byte of output."]
            OUTPUT = 0,
            #[doc = "It waits for a byte of input."]
            INPUT = 1,
            #[doc = "It has come to the program's end."]
            HALTED = 2,
            #[doc = "It was stopped by a fault."]
            FAULT = 3,
            #[doc = "A byte of input has come from the line."]
            FED = 4,
            #[doc = "It runs, waiting included."]
            RUNNING = 5,
            #[doc = "It has not taken the byte in INPUT yet."]
            PENDING = 6,
            #[doc = "The fault's code, 3 bits."]
            FAULT_CODE = 8,
        };
        #[doc = "Which of the five lowest bits of STATUS interrupt while they are set."]
        ENABLE = 0x08, RW;
        #[doc = "A read takes the byte of output, in the lowest 8 bits; 0 if there is none."]
        OUTPUT = 0x0C, R, output {
            #[doc = "There was one."]
            THERE = 8,
        };
        #[doc = "A write gives the core a byte of input, in place of one that it has not taken. A read gives the byte that it was given last."]
        INPUT = 0x10, RW;
        #[doc = "What `,` does at the end of the input (0 wait, 1 zero, 2 minus one, 3 unchanged)."]
        MODE = 0x14, RW, mode {
            #[doc = "There will be no more input: behind the byte in INPUT, if there is one."]
            END = 2,
        };
        #[doc = "Address of the program's first word, in the flash window: a multiple of 2."]
        PROGRAM = 0x18, RW;
        #[doc = "The program's words. To execute a word behind them is a fault."]
        LENGTH = 0x1C, RW;
        #[doc = "Number of the next word; after a fault of the one that failed."]
        POSITION = 0x20, RW;
        #[doc = "The pointer."]
        POINTER = 0x24, RW;
        #[doc = "How many loops are open."]
        DEPTH = 0x28, R;
        #[doc = "A read gives the number of the first word in the innermost loop, a write opens a loop with this number."]
        LOOP = 0x2C, RW;
        #[doc = "A write closes the innermost loop."]
        CLOSE = 0x30, W;
        #[doc = "Cycles that the core has run, waiting included, the lower half. A write to either half clears both."]
        CYCLES_LOW = 0x38, RW;
        #[doc = "The upper half."]
        CYCLES_HIGH = 0x3C, RW;
        #[doc = "Words executed, the lower half. A write to either half clears both."]
        WORDS_LOW = 0x40, RW;
        #[doc = "The upper half."]
        WORDS_HIGH = 0x44, RW;
    }
}
