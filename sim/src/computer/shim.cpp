// The Verilator model of the computer behind C functions.

#include <Vcomputer.h>
#include <Vcomputer___024root.h>
#include <cstdint>
#include <verilated.h>

// The wires of `computer::Wires`, in the same order.
struct ComputerWires {
    uint8_t rst_n, usb_rx, flash_miso;
    uint8_t usb_tx, led, flash_sck, flash_select_n, flash_mosi, idle, waiting;
    uint64_t instructions, alarm, cycles_of_a_bit;
};

// A register's value, under the name that Verilator gives it.
#define HELD(path) top__DOT__##path##__024q

// Verilator's own: computes everything that follows from the registers. An evaluation does so only behind an edge.
void Vcomputer___024root___eval_settle(Vcomputer___024root *root);

static uint64_t joined(uint32_t low, uint32_t high) { return (uint64_t)high << 32 | low; }

static void split(uint64_t number, uint32_t &low, uint32_t &high) {
    low = (uint32_t)number;
    high = (uint32_t)(number >> 32);
}

// As `System::alarm`, with all ones for none.
static uint64_t alarm(const Vcomputer___024root *root) {
    uint64_t time = joined(root->HELD(timer__DOT__time_low), root->HELD(timer__DOT__time_high));
    uint64_t compare = joined(root->HELD(timer__DOT__compare_low), root->HELD(timer__DOT__compare_high));
    if (!root->HELD(cpu__DOT__enable_timer) || compare == UINT64_MAX)
        return UINT64_MAX;
    return compare > time ? compare - time : 0;
}

extern "C" {

void *computer_new() {
    Vcomputer *model = new Vcomputer(new VerilatedContext);
    model->eval();
    return model;
}

void computer_free(void *handle) {
    Vcomputer *model = static_cast<Vcomputer *>(handle);
    VerilatedContext *context = model->contextp();
    model->final();
    // What a model takes down it looks for in the thread's context, which is that of the model made last.
    Verilated::threadContextp(context);
    delete model;
    delete context;
}

// Runs until an output is not what the wires say, for `most` cycles at most. As the build has made the Verilog take
// either edge, a cycle is one evaluation. No output depends on an input of the same cycle.
uint64_t computer_run(void *handle, ComputerWires *wires, uint64_t most) {
    Vcomputer *model = static_cast<Vcomputer *>(handle);
    auto *root = model->rootp;
    model->rst_n = wires->rst_n;
    model->usb_rx = wires->usb_rx;
    model->flash_miso = wires->flash_miso;
    uint64_t cycle = 0;
    while (cycle < most) {
        wires->instructions += root->top__DOT__cpu__DOT__retired;
        model->clock = !model->clock;
        model->eval();
        cycle++;
        bool idle = root->top__DOT__cpu__DOT__asleep &
                    (root->top__DOT__unit__DOT__core__DOT__stopped | root->top__DOT__unit__DOT__core__DOT__waiting);
        if (model->usb_tx != wires->usb_tx | model->led != wires->led | model->flash_sck != wires->flash_sck | model->flash_sck |
            model->flash_select_n != wires->flash_select_n | model->flash_mosi != wires->flash_mosi |
            idle != wires->idle) {
            wires->usb_tx = model->usb_tx;
            wires->led = model->led;
            wires->flash_sck = model->flash_sck;
            wires->flash_select_n = model->flash_select_n;
            wires->flash_mosi = model->flash_mosi;
            wires->idle = idle;
            break;
        }
    }
    wires->waiting = root->top__DOT__unit__DOT__core__DOT__waiting;
    wires->alarm = alarm(root);
    wires->cycles_of_a_bit = root->HELD(serial_port__DOT__other_bits);
    return cycle;
}

// As `System::skip`, block by block.
void computer_skip(void *handle, uint64_t cycles) {
    if (cycles == 0)
        return;
    Vcomputer *model = static_cast<Vcomputer *>(handle);
    auto *root = model->rootp;
    uint32_t &cpu_low = root->HELD(cpu__DOT__cycles), &cpu_high = root->HELD(cpu__DOT__cycles_high);
    split(joined(cpu_low, cpu_high) + cycles, cpu_low, cpu_high);
    uint32_t &time_low = root->HELD(timer__DOT__time_low), &time_high = root->HELD(timer__DOT__time_high);
    split(joined(time_low, time_high) + cycles, time_low, time_high);
    uint32_t &lower = root->HELD(unit__DOT__cycles__DOT__lower), &upper = root->HELD(unit__DOT__cycles__DOT__upper);
    uint8_t &carry = root->HELD(unit__DOT__cycles__DOT__carry);
    uint64_t counted = root->top__DOT__unit__DOT__cycles__024count ? cycles : 0;
    uint64_t number = joined(lower, upper) + ((uint64_t)carry << 32) + counted;
    carry = counted != 0 && (uint32_t)number == 0;
    split(number - ((uint64_t)carry << 32), lower, upper);
    Vcomputer___024root___eval_settle(root);
}

uint8_t *computer_cells(void *handle) {
    return &static_cast<Vcomputer *>(handle)->rootp->top__DOT__unit__DOT__core__DOT__cells__DOT__memory[0];
}

} // extern "C"
