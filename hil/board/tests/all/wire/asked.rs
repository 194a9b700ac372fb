//! What is asked of a board, whatever a test is about.

use hil_link::{
    BoardInfo, DeviceAnswer, DeviceRequest, EnergyRequest, EnergyState, PanelState, Request, Response, Status,
};

use super::Bench;

impl Bench {
    pub fn panel(&mut self, request: DeviceRequest) -> PanelState {
        match self.ask(&Request::Device(request)) {
            Response::Device(DeviceAnswer::Panel(state)) => state,
            other => panic!("{other:?}"),
        }
    }

    pub fn info(&mut self, request: DeviceRequest) -> BoardInfo {
        match self.ask(&Request::Device(request)) {
            Response::Device(DeviceAnswer::Info(info)) => info,
            other => panic!("{other:?}"),
        }
    }

    pub fn button(&mut self, pressed: bool, pass_ms: u32) -> PanelState {
        self.panel(DeviceRequest::Button { pressed, pass_ms })
    }

    pub fn energy(&mut self) -> EnergyState {
        self.ask_energy(EnergyRequest::Show)
    }

    pub fn ask_energy(&mut self, request: EnergyRequest) -> EnergyState {
        match self.ask(&Request::Energy(request)) {
            Response::Energy(state) => state,
            other => panic!("{other:?}"),
        }
    }

    pub fn status(&mut self) -> Status {
        match self.ask(&Request::Status) {
            Response::Status(status) => status,
            other => panic!("{other:?}"),
        }
    }
}
