//! How an input is to be drawn, as data for templates.
//! Promises everything an accessible input needs: label, type, autocomplete token, hints, ids to connect them.
//! Leaves HTML to the templates.

use serde::Serialize;

/// The drawn control.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlShape {
    /// `<input>` of `input_type`.
    #[default]
    Input,
    /// A fieldset of radio buttons.
    Radio,
    /// `<select>`.
    Select,
    /// One checkbox with the label beside it.
    Checkbox,
    /// `<input type="hidden">`.
    Hidden,
}

/// An option to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputOption {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

/// Everything a template needs to draw one input. Texts are in the participant's language and not escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InputSpec {
    /// `name` of the control.
    pub key: String,
    /// Type of the field, as in the document.
    pub field_type: &'static str,
    /// What the participant reads.
    pub label: String,
    /// Hint; goes into an element of its own, named by `aria-describedby`.
    pub help: Option<String>,
    /// Example inside the empty input.
    pub placeholder: Option<String>,
    /// Whether there is no entry without it.
    pub required: bool,
    /// What to draw.
    pub shape: ControlShape,
    /// `type` of an `<input>`.
    pub input_type: &'static str,
    /// `inputmode`: the keyboard on phones.
    pub inputmode: Option<&'static str>,
    /// `autocomplete` token (WCAG 1.3.5).
    pub autocomplete: Option<&'static str>,
    /// `autocapitalize="none"` and `spellcheck="false"`: addresses and codes.
    pub verbatim: bool,
    /// `minlength` in characters.
    pub min_length: Option<u32>,
    /// `maxlength` in characters.
    pub max_length: Option<u32>,
    /// `min` of a date or number.
    pub min: Option<String>,
    /// `max` of a date or number.
    pub max: Option<String>,
    /// Options of a radio group or select.
    pub options: Vec<InputOption>,
    /// Entries of a `<datalist>`.
    pub suggestions: Vec<String>,
    /// Value it starts with; for a checkbox `true` means ticked.
    pub value: Option<String>,
    /// URL parameter that may fill it in advance.
    pub prefill: Option<String>,
    /// A terms field: key of the terms to link to.
    pub terms: Option<String>,
}

impl InputSpec {
    /// `id` of the control; the page's error summary links to it.
    pub fn id(&self) -> String {
        format!("field-{}", self.key)
    }
}
