//! Python objects to JSON, at the call: later changes of an object are not seen.
//!
//! Nothing is refused. What JSON has no form for becomes a string, alone; what surrounds it stays.

use std::collections::HashMap;
use std::ops::Range;

use hiveloop::{JsonWriter, MAX_NESTING, MAX_PAYLOAD_BYTES, ToJson};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::guard::keep_interruption;

/// Names of fields are cut to this many characters.
const MAX_KEY_CHARACTERS: usize = 1024;

/// A Python object as a value of a payload; `None` is absent.
#[derive(Clone, Copy)]
pub(crate) struct PyValue<'a, 'py>(pub(crate) &'a Bound<'py, PyAny>);

impl ToJson for PyValue<'_, '_> {
    fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    fn write_json(&self, out: &mut JsonWriter) {
        // A payload's fields stand in `data` of the payload: two levels are taken.
        write(self.0, out, &mut Path::within(2));
    }
}

/// A Python object that is a payload itself.
#[derive(Clone, Copy)]
pub(crate) struct PyPayload<'a, 'py>(pub(crate) &'a Bound<'py, PyAny>);

impl ToJson for PyPayload<'_, '_> {
    fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    fn write_json(&self, out: &mut JsonWriter) {
        write(self.0, out, &mut Path::within(0));
    }
}

/// The containers that are being written, from the outermost in, and what has been written of the program's own objects.
struct Path<'py> {
    open: Vec<*mut ffi::PyObject>,
    taken: usize,
    /// The deepest container so far, counted as `open` is.
    deepest: usize,
    /// Markers written for cycles and for depth: what holds one means something else elsewhere.
    markers: usize,
    written: HashMap<*mut ffi::PyObject, Written<'py>>,
}

/// An object that has been written, and where its text stands.
struct Written<'py> {
    /// Keeps the address from being another object's.
    _object: Bound<'py, PyAny>,
    places: Range<usize>,
    /// Levels of containers in its text.
    height: usize,
}

impl Path<'_> {
    fn within(taken: usize) -> Self {
        Self { open: Vec::new(), taken, deepest: 0, markers: 0, written: HashMap::new() }
    }

    /// Opens a container, unless it is open already or too deep: then a marker is written.
    fn enter(&mut self, object: &Bound<'_, PyAny>, out: &mut JsonWriter) -> bool {
        if self.open.contains(&object.as_ptr()) {
            self.markers += 1;
            out.string("<cycle>");
            return false;
        }
        if self.open.len() + self.taken >= MAX_NESTING {
            self.markers += 1;
            out.string("<nested too deep>");
            return false;
        }
        self.open.push(object.as_ptr());
        self.deepest = self.deepest.max(self.open.len());
        true
    }

    /// Writes an object's text again, if it was written before and fits here: objects that many others share cost
    /// their looking at once.
    fn repeat(&self, object: &Bound<'_, PyAny>, out: &mut JsonWriter) -> bool {
        let Some(written) = self.written.get(&object.as_ptr()) else { return false };
        let fits = self.open.len() + written.height + self.taken <= MAX_NESTING;
        if fits {
            out.repeat(written.places.clone());
        }
        fits
    }
}

/// The first characters of a text, copied; a text's whole form in UTF-8 is never asked for, for Python keeps that.
pub(crate) fn prefix_of(text: &Bound<'_, PyString>, characters: usize) -> String {
    let length = text.len().unwrap_or(0);
    if length <= characters {
        return lossy(text);
    }
    // SAFETY: `text` is a live string, and the interpreter is attached; the bounds lie within its length.
    let cut = unsafe {
        Bound::from_owned_ptr_or_opt(
            text.py(),
            ffi::PyUnicode_Substring(text.as_ptr(), 0, characters as ffi::Py_ssize_t),
        )
    };
    let mut prefix = if let Some(cut) = cut.as_ref().and_then(|cut| cut.cast::<PyString>().ok()) {
        lossy(cut)
    } else {
        drop(PyErr::take(text.py()));
        String::new()
    };
    prefix.push('…');
    prefix
}

/// A text as UTF-8 can hold it: halves of a pair that stand side by side are the character that they mean, and each lone
/// one becomes one replacement character, as readers of JSON have it.
pub(crate) fn lossy(text: &Bound<'_, PyString>) -> String {
    if let Ok(text) = text.to_str() {
        return text.to_owned();
    }
    let units = text.call_method1("encode", ("utf-16-le", "surrogatepass"));
    let Ok(units) = units.and_then(|units| Ok(units.cast_into::<PyBytes>()?)) else {
        return text.to_string_lossy().into_owned();
    };
    let units = units.as_bytes().chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn write<'py>(object: &Bound<'py, PyAny>, out: &mut JsonWriter, path: &mut Path<'py>) {
    // From the most to the least frequent; subclasses (enums, named tuples, numpy floats) are looked at below.
    if let Ok(text) = object.cast_exact::<PyString>() {
        write_text(text, out);
    } else if let Ok(number) = object.cast_exact::<PyInt>() {
        write_integer(number, out);
    } else if let Ok(number) = object.cast_exact::<PyFloat>() {
        out.float(number.value());
    } else if object.is_none() {
        out.raw("null");
    } else if let Ok(flag) = object.cast_exact::<PyBool>() {
        out.raw(if flag.is_true() { "true" } else { "false" });
    } else if let Ok(dict) = object.cast_exact::<PyDict>() {
        write_dict(dict, out, path);
    } else if let Ok(list) = object.cast_exact::<PyList>() {
        if path.enter(object, out) {
            write_items(|index| list.get_item(index).ok(), || list.len(), out, path);
        }
    } else if let Ok(tuple) = object.cast_exact::<PyTuple>() {
        if path.enter(object, out) {
            write_items(|index| tuple.get_item(index).ok(), || tuple.len(), out, path);
        }
    } else {
        write_other(object, out, path);
    }
}

fn write_text(text: &Bound<'_, PyString>, out: &mut JsonWriter) {
    if text.len().is_ok_and(|characters| characters > MAX_PAYLOAD_BYTES) {
        // Longer than a whole payload may be: it is cut, and the writer says so.
        out.string(&prefix_of(text, MAX_PAYLOAD_BYTES));
    } else if let Ok(text) = text.to_str() {
        out.string(text);
    } else {
        out.string(&lossy(text));
    }
}

fn write_integer(number: &Bound<'_, PyInt>, out: &mut JsonWriter) {
    if let Ok(number) = number.extract::<i64>() {
        out.integer(number);
    } else if let Ok(number) = number.extract::<u64>() {
        out.unsigned(number);
    } else {
        // Beyond 64 bits few readers keep every digit. Huge ones have no decimal form at all by default.
        match number.str().ok().filter(|text| text.len().is_ok_and(|length| length <= 1000)) {
            Some(text) => write_text(&text, out),
            None => out.string("<integer of very many digits>"),
        }
    }
}

fn write_items<'py>(
    get: impl Fn(usize) -> Option<Bound<'py, PyAny>>,
    length: impl Fn() -> usize,
    out: &mut JsonWriter,
    path: &mut Path<'py>,
) {
    out.raw("[");
    let mut index = 0;
    // The length is asked each time: code of the agent's that runs meanwhile may change a list.
    while index < length() {
        if index > 0 {
            out.raw(",");
        }
        if out.is_over_budget() {
            out.leave_out(&format!("{} more items", length() - index));
            break;
        }
        match get(index) {
            Some(item) => write(&item, out, path),
            None => out.raw("null"),
        }
        index += 1;
    }
    out.raw("]");
    path.open.pop();
}

fn write_dict<'py>(dict: &Bound<'py, PyDict>, out: &mut JsonWriter, path: &mut Path<'py>) {
    if !path.enter(dict.as_any(), out) {
        return;
    }
    out.raw("{");
    let py = dict.py();
    let mut position: ffi::Py_ssize_t = 0;
    let (mut key, mut value) = (std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: `dict` is a live dictionary, and the interpreter is attached. The pointers are borrowed from it; both
    // are turned into owned references before anything else runs, so that a value's own code may change the
    // dictionary: the walk then misses or repeats entries, within the dictionary's bounds. (The safe iterator panics.)
    while unsafe { ffi::PyDict_Next(dict.as_ptr(), &raw mut position, &raw mut key, &raw mut value) } != 0 {
        // SAFETY: `PyDict_Next` returned true, so both point to live objects.
        let (key, value) = unsafe { (Bound::from_borrowed_ptr(py, key), Bound::from_borrowed_ptr(py, value)) };
        write_key(&key, out);
        if out.is_far_over_budget() {
            out.leave_out("further fields");
            break;
        }
        if out.is_over_budget() && !is_scalar(&value) {
            out.leave_out("too large");
            continue;
        }
        write(&value, out, path);
    }
    out.raw("}");
    path.open.pop();
}

/// Whether a value is short to write.
fn is_scalar(value: &Bound<'_, PyAny>) -> bool {
    value.is_none()
        || value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyBool>()
}

fn write_key(key: &Bound<'_, PyAny>, out: &mut JsonWriter) {
    if let Ok(text) = key.cast_exact::<PyString>() {
        return write_key_text(text, out);
    }
    let is_simple = key.is_none()
        || key.is_exact_instance_of::<PyInt>()
        || key.is_exact_instance_of::<PyFloat>()
        || key.is_exact_instance_of::<PyBool>();
    let text = if is_simple { key.str() } else { key_of(key) };
    match text {
        Ok(text) => write_key_text(&text, out),
        Err(error) => {
            keep_interruption(key.py(), error);
            out.key("<key without a name>");
        }
    }
}

fn write_key_text(text: &Bound<'_, PyString>, out: &mut JsonWriter) {
    if text.len().is_ok_and(|characters| characters > MAX_KEY_CHARACTERS) {
        out.key(&prefix_of(text, MAX_KEY_CHARACTERS));
        return;
    }
    match text.to_str() {
        Ok(text) => out.key(text),
        Err(_) => out.key(&lossy(text)),
    }
}

/// Asks `hiveloop._plain.key_of` for a key's text: a key may be anything that a value may be, and hide what that hides.
fn key_of<'py>(key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    static KEY_OF: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    Ok(KEY_OF.import(key.py(), "hiveloop._plain", "key_of")?.call1((key,))?.cast_into::<PyString>()?)
}

/// Asks `hiveloop._plain.plain` for something simpler, and writes that.
fn write_other<'py>(object: &Bound<'py, PyAny>, out: &mut JsonWriter, path: &mut Path<'py>) {
    static PLAIN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if path.repeat(object, out) || !path.enter(object, out) {
        return;
    }
    let py = object.py();
    let (start, level, markers) = (out.len(), path.open.len(), path.markers);
    let deepest = std::mem::replace(&mut path.deepest, level);
    let plain = PLAIN.import(py, "hiveloop._plain", "plain").and_then(|plain| plain.call1((object,)));
    match plain {
        // The function promises an exact str, int, float, bool, None, dict, list or tuple. An object that gave
        // itself again would be found open; every step takes a level, so that even a chain of objects ends.
        Ok(plain) => write(&plain, out, path),
        Err(error) => {
            keep_interruption(py, error);
            out.string("<value that cannot be shown>");
        }
    }
    if path.markers == markers && !out.is_over_budget() {
        let (places, height) = (start..out.len(), path.deepest - level + 1);
        path.written.insert(object.as_ptr(), Written { _object: object.clone(), places, height });
    }
    path.deepest = path.deepest.max(deepest);
    path.open.pop();
}
