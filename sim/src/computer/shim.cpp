// The Verilator model of the computer behind C functions.

#include <Vcomputer.h>
#include <Vcomputer___024root.h>
#include <cstdint>
#include <verilated.h>

// The wires of `computer::Wires`, in the same order.
struct ComputerWires {
    uint8_t rst_n, usb_rx, flash_miso;
    uint8_t usb_tx, led, flash_sck, flash_select_n, flash_mosi, idle;
    uint64_t instructions;
};

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
        if (model->usb_tx != wires->usb_tx | model->led != wires->led | model->flash_sck != wires->flash_sck |
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
    return cycle;
}

uint8_t *computer_cells(void *handle) {
    return &static_cast<Vcomputer *>(handle)->rootp->top__DOT__unit__DOT__core__DOT__cells__DOT__memory[0];
}

} // extern "C"
