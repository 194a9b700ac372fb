//! The functions of an image: where each lies, what it is called, and its code.
//!
//! In comes an ELF file, out go functions in the order of their addresses. This file must not know what they do.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use object::{Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};

/// A function.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Function {
    /// Name as in the source, with its path.
    pub name: String,
    /// Address of its first instruction.
    pub address: u32,
    /// Its instructions; constants between and behind them are instructions that do nothing.
    pub code: Vec<u8>,
}

impl Function {
    /// Last part of its name, without its path.
    pub fn short(&self) -> &str {
        self.name.rsplit("::").next().unwrap_or_default()
    }

    /// Its name without the core's crate, and without the type where that has functions in several modules.
    pub fn within(&self) -> String {
        let name = self.name.split_once("::<impl ").map(|(module, _)| format!("{module}::{}", self.short()));
        let name = name.as_ref().unwrap_or(&self.name);
        name.strip_prefix("metering_core::").unwrap_or(name).to_owned()
    }
}

/// All functions of an image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Functions {
    all: Vec<Function>,
    code_bytes: u64,
}

impl Functions {
    /// Reads them.
    ///
    /// # Errors
    /// If the file cannot be read or is no ELF file with names.
    pub fn of(image: &Path) -> anyhow::Result<Self> {
        let bytes = std::fs::read(image).with_context(|| format!("{} cannot be read", image.display()))?;
        parse(&bytes).with_context(|| format!("{} is no image with names", image.display()))
    }

    /// In any order; `code_bytes` of all code, with or without a name.
    pub fn new(mut functions: Vec<Function>, code_bytes: u64) -> Self {
        let order = |one: &Function| (one.address, Reverse(one.code.len()), one.name.clone());
        functions.sort_by_cached_key(order);
        // A function may have several names: one of them, always the same, and none of a label that has no length.
        functions.dedup_by_key(|function| function.address);
        Self { all: functions, code_bytes }
    }

    /// All, in the order of their addresses.
    pub fn all(&self) -> &[Function] {
        &self.all
    }

    /// Bytes of all code, that between and beside the functions as well.
    pub fn code_bytes(&self) -> u64 {
        self.code_bytes
    }

    /// Number of the function that an instruction lies in.
    pub fn at(&self, address: u32) -> Option<usize> {
        let index = self.all.partition_point(|function| function.address <= address).checked_sub(1)?;
        let function = self.all.get(index)?;
        (((address - function.address) as usize) < function.code.len()).then_some(index)
    }

    /// Where the function with this name begins.
    pub fn address(&self, name: &str) -> Option<u32> {
        self.all.iter().find(|function| function.name == name).map(|function| function.address)
    }
}

/// `nop`.
const NOTHING: [u8; 2] = [0x00, 0xbf];

fn parse(bytes: &[u8]) -> anyhow::Result<Functions> {
    let file = object::File::parse(bytes)?;
    let mut functions = Vec::new();
    let changes = changes(&file);
    for symbol in file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text) {
        let Some(section) = symbol.section_index() else { continue };
        let section = file.section_by_index(section)?;
        if section.kind() != SectionKind::Text {
            continue;
        }
        // Bit 0 says that the function is in Thumb.
        let address = symbol.address() & !1;
        let code = section.data_range(address, symbol.size())?.context("a function beyond its section")?;
        // Without the hash.
        let name = format!("{:#}", rustc_demangle::demangle(symbol.name()?));
        let (address, mut code) = (u32::try_from(address)?, code.to_vec());
        without_data(address, &mut code, &changes);
        functions.push(Function { name, address, code });
    }
    anyhow::ensure!(!functions.is_empty(), "no function has a name");
    let code = file.sections().filter(|section| section.kind() == SectionKind::Text);
    Ok(Functions::new(functions, code.map(|section| section.size()).sum()))
}

/// Where data begin in the code, `true`, and where instructions do: what the ABI's mapping symbols say.
fn changes(file: &object::File<'_>) -> BTreeMap<u32, bool> {
    let is_code = |index| file.section_by_index(index).is_ok_and(|section| section.kind() == SectionKind::Text);
    let change = |symbol: object::Symbol<'_, '_>| {
        // Those of other sections count their addresses from elsewhere.
        symbol.section_index().filter(|index| is_code(*index))?;
        let is_data = match symbol.name().ok()?.get(..2)? {
            "$d" => true,
            "$t" => false,
            _ => return None,
        };
        Some((u32::try_from(symbol.address()).ok()?, is_data))
    };
    file.symbols().filter_map(change).collect()
}

/// Makes what is data in a function's code instructions that do nothing, so that it is not read as others.
fn without_data(address: u32, code: &mut [u8], changes: &BTreeMap<u32, bool>) {
    for (place, at) in code.chunks_mut(2).zip((address..).step_by(2)) {
        let last = changes.range(..=at).next_back();
        if last.is_some_and(|(_, is_data)| *is_data) {
            place.copy_from_slice(&NOTHING[..place.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_lies_in_one_function() {
        let function = |name: &str, address, length| Function { name: name.to_owned(), address, code: vec![0; length] };
        let functions = Functions::new(
            vec![function("b::second", 0x110, 4), function("alias", 0x100, 8), function("also", 0x100, 8)],
            20,
        );
        assert_eq!(functions.all().len(), 2);
        let name = |address| functions.at(address).map(|index| functions.all()[index].name.as_str());
        assert_eq!([0xff, 0x100, 0x107].map(name), [None, Some("alias"), Some("alias")]);
        // Between both lies what has no name.
        assert_eq!([0x108, 0x110, 0x113, 0x114].map(name), [None, Some("b::second"), Some("b::second"), None]);
        assert_eq!(functions.address("b::second"), Some(0x110));
        assert_eq!((functions.address("second"), functions.all()[1].short()), (None, "second"));
    }

    #[test]
    fn a_function_with_a_length_is_preferred() {
        let function = |name: &str, length| Function { name: name.to_owned(), address: 0x100, code: vec![0; length] };
        let functions = Functions::new(vec![function("a", 0), function("b", 4), function("c", 2)], 4);
        assert_eq!((functions.all().len(), functions.at(0x102)), (1, Some(0)));
        assert_eq!(functions.all()[0].name, "b");
    }

    #[test]
    fn names_are_told_within_the_core() {
        let within = |name: &str| Function { name: name.to_owned(), ..Function::default() }.within();
        assert_eq!(
            within("metering_core::meter::ending::<impl metering_core::meter::Engine<S,_>>::end"),
            "meter::ending::end"
        );
        assert_eq!(within("metering_core::scaled::Scaled::over"), "scaled::Scaled::over");
        assert_eq!(within("cost_firmware::everything::push"), "cost_firmware::everything::push");
    }

    #[test]
    fn data_are_no_instructions() {
        let mut code = [0xdf, 0xe8, 0x00, 0xf0, 0x02, 0x08, 0x70, 0x47, 0xff];
        without_data(0x100, &mut code, &BTreeMap::from([(0xf0, true), (0x100, false), (0x104, true), (0x106, false)]));
        assert_eq!(code, [0xdf, 0xe8, 0x00, 0xf0, 0x00, 0xbf, 0x70, 0x47, 0xff]);
        without_data(0x100, &mut code, &BTreeMap::from([(0x106, true), (0x109, false)]));
        assert_eq!(code[6..], [0x00, 0xbf, 0x00]);
        without_data(0x100, &mut code, &BTreeMap::new());
        assert_eq!(code[..2], [0xdf, 0xe8]);
    }

    #[test]
    fn an_image_without_names_is_an_error() {
        let functions = Functions::of(&std::env::current_exe().unwrap()).unwrap();
        assert!(functions.address("main").is_some());
        assert!(parse(b"\x7fELF").is_err());
        assert!(Functions::of(Path::new("Cargo.toml")).is_err());
        assert!(Functions::of(Path::new("nothing")).is_err());
    }
}
