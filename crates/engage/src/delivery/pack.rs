//! Builds the body of one call from items in order, within Braze's limits (contract 1.5 and 5.8).
//! Promises: the body is a plain concatenation of what the mapping wrote, and every object in it still knows its item.
//! Leaves choosing the items (order per contact, what is held back) to `lane`.

use super::{
    call::{CallKind, OwnCall},
    item::{Array, Item, Mark},
};
use crate::hub::BatchMode;

/// How many objects Braze takes in one call over the three arrays (contract 5.8).
const fn total(mode: BatchMode) -> usize {
    match mode {
        BatchMode::Combined75 => 75,
        BatchMode::PerArray75 => 225,
        BatchMode::Combined50 => 50,
    }
}

/// How many objects fill a call whatever their arrays.
pub(super) const fn capacity(mode: BatchMode) -> usize {
    total(mode)
}

/// How many objects Braze takes in one array.
const fn each(mode: BatchMode) -> usize {
    match mode {
        BatchMode::Combined50 => 50,
        BatchMode::Combined75 | BatchMode::PerArray75 => 75,
    }
}

/// The limits of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many objects.
    pub batch: BatchMode,
    /// Bytes of the body. Braze takes 4 MB; the product cuts at 3.5 MB.
    pub max_bytes: usize,
    /// A further bound on the objects, used to cut one item that is too large apart; `usize::MAX` for none.
    pub max_objects: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch: BatchMode::Combined75,
            max_bytes: 3_500_000,
            max_objects: usize::MAX,
        }
    }
}

/// The frame round the arrays, `{"attributes":[],"events":[],"purchases":[]}`, with room to spare.
const FRAME_BYTES: usize = 48;

/// Counts what still fits into a call.
#[derive(Debug)]
pub struct Filler {
    limits: Limits,
    counts: [usize; 3],
    bytes: usize,
    /// A call of its own is in it: nothing else fits.
    closed: bool,
}

impl Filler {
    /// An empty call.
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            counts: [0; 3],
            bytes: FRAME_BYTES,
            closed: false,
        }
    }

    /// Takes the open objects of an item if they all fit; otherwise nothing changes and the answer is false.
    pub fn try_add(&mut self, item: &Item) -> bool {
        if self.closed {
            return false;
        }
        if item.call.is_some() {
            self.closed = self.counts == [0; 3];
            return self.closed;
        }
        if item.marks.is_empty() {
            let attributes = item.attributes.as_deref().map_or(0, str::len);
            let bytes = attributes + item.events.len() + item.purchases.len() + 3;
            let counts = [
                usize::from(item.attributes.is_some()),
                usize::from(item.event_count),
                usize::from(item.purchase_count),
            ];
            return self.try_counts(counts, bytes);
        }
        let mut counts = [0; 3];
        let mut bytes = 0;
        for (count, array) in counts.iter_mut().zip(ARRAYS) {
            for (_, object) in item
                .objects_of(array)
                .filter(|(ordinal, _)| item.mark(*ordinal) == Mark::Open)
            {
                *count += 1;
                bytes += object.len() + 1;
            }
        }
        self.try_counts(counts, bytes)
    }

    fn try_counts(&mut self, counts: [usize; 3], bytes: usize) -> bool {
        let [a, e, p] = self.counts;
        let [da, de, dp] = counts;
        let (after, each) = ([a + da, e + de, p + dp], each(self.limits.batch));
        let sum: usize = after.iter().sum();
        let fits = sum <= total(self.limits.batch).min(self.limits.max_objects)
            && after.iter().all(|count| *count <= each)
            && self.bytes + bytes <= self.limits.max_bytes;
        if fits {
            self.counts = after;
            self.bytes += bytes;
        }
        fits
    }

    fn try_object(&mut self, array: Array, bytes: usize) -> bool {
        let counts = match array {
            Array::Attributes => [1, 0, 0],
            Array::Events => [0, 1, 0],
            Array::Purchases => [0, 0, 1],
        };
        self.try_counts(counts, bytes + 1)
    }
}

/// The three arrays in the order Braze works them off.
pub const ARRAYS: [Array; 3] = [Array::Attributes, Array::Events, Array::Purchases];

/// Where an object of the body came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The place of the item in the slice that was packed.
    pub item: u32,
    /// The object's number within the item.
    pub ordinal: u32,
}

/// A finished body and the way back from Braze's `errors` to the items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// What is called, if not `/users/track`.
    pub call: Option<CallKind>,
    /// `{"attributes":[..],"events":[..],"purchases":[..]}`, arrays without objects left out; or the body of a call of its own.
    pub body: Vec<u8>,
    /// How many of the items given, from the first, are in the body (the last one perhaps only in part).
    pub items: usize,
    attributes: Vec<Slot>,
    events: Vec<Slot>,
    purchases: Vec<Slot>,
    own: Option<Slot>,
}

impl Packed {
    /// The object that Braze means by `{"input_array": array, "index": index}` (contract 2.3).
    pub fn slot(&self, array: Array, index: usize) -> Option<Slot> {
        self.array(array).get(index).copied()
    }

    /// Every object that was sent.
    pub fn slots(&self) -> impl Iterator<Item = Slot> {
        self.attributes
            .iter()
            .chain(&self.events)
            .chain(&self.purchases)
            .chain(&self.own)
            .copied()
    }

    /// How many objects were sent.
    pub fn objects(&self) -> usize {
        self.attributes.len()
            + self.events.len()
            + self.purchases.len()
            + usize::from(self.own.is_some())
    }

    fn array(&self, array: Array) -> &Vec<Slot> {
        match array {
            Array::Attributes => &self.attributes,
            Array::Events => &self.events,
            Array::Purchases => &self.purchases,
        }
    }

    fn array_mut(&mut self, array: Array) -> &mut Vec<Slot> {
        match array {
            Array::Attributes => &mut self.attributes,
            Array::Events => &mut self.events,
            Array::Purchases => &mut self.purchases,
        }
    }
}

/// Packs the longest prefix of `items` that fits. An item that does not fit into an empty call alone goes in part:
/// as many of its objects as fit, in their order. A call of its own goes alone.
pub fn pack(items: &[Item], limits: &Limits) -> Packed {
    if let Some((first, call)) = items
        .first()
        .and_then(|item| Some((item, item.call.as_ref()?)))
    {
        return pack_call(first, call);
    }
    let mut filler = Filler::new(*limits);
    let whole = items.iter().take_while(|item| filler.try_add(item)).count();
    let mut packed = Packed::default();
    if whole > 0 {
        packed.items = whole;
        packed.body.reserve_exact(filler.bytes);
        write(items.get(..whole).unwrap_or_default(), None, &mut packed);
    } else if let Some(first) = items.get(..1) {
        packed.items = 1;
        // One object that is over the limit by itself is sent all the same: only Braze can say whether it is too large.
        write(first, Some(Filler::new(*limits)), &mut packed);
    }
    packed
}

/// A call of its own, unless it is settled.
fn pack_call(item: &Item, call: &OwnCall) -> Packed {
    let open = item.mark(0) == Mark::Open;
    Packed {
        call: Some(call.kind.clone()),
        body: call.body.as_bytes().to_vec(),
        items: 1,
        own: open.then_some(Slot {
            item: 0,
            ordinal: 0,
        }),
        ..Packed::default()
    }
}

/// Writes the open objects of all items; with a filler, only those that fit.
fn write(items: &[Item], mut part: Option<Filler>, packed: &mut Packed) {
    let mut frame: &[u8] = b"{";
    for array in ARRAYS {
        let name: &[u8] = match array {
            Array::Attributes => b"\"attributes\":[",
            Array::Events => b"\"events\":[",
            Array::Purchases => b"\"purchases\":[",
        };
        let mut body = std::mem::take(&mut packed.body);
        let mut lead: Option<&[u8]> = None;
        let sent_before = packed.objects();
        let slots = packed.array_mut(array);
        for (place, item) in (0_u32..).zip(items) {
            let mut put = |text: &str| {
                match lead {
                    None => {
                        body.extend_from_slice(frame);
                        body.extend_from_slice(name);
                    }
                    Some(comma) => body.extend_from_slice(comma),
                }
                lead = Some(b",");
                body.extend_from_slice(text.as_bytes());
            };
            if part.is_none() && item.marks.is_empty() {
                let first_event = u32::from(item.attributes.is_some());
                let (text, first, count) = match array {
                    Array::Attributes => (
                        item.attributes.as_deref().unwrap_or_default(),
                        0,
                        first_event,
                    ),
                    Array::Events => (&*item.events, first_event, u32::from(item.event_count)),
                    Array::Purchases => (
                        &*item.purchases,
                        first_event + u32::from(item.event_count),
                        u32::from(item.purchase_count),
                    ),
                };
                if count > 0 {
                    put(text);
                    slots.extend((first..first + count).map(|ordinal| Slot {
                        item: place,
                        ordinal,
                    }));
                }
                continue;
            }
            for (ordinal, object) in item.objects_of(array) {
                if item.mark(ordinal) != Mark::Open {
                    continue;
                }
                let fits = part.as_mut().is_none_or(|filler| {
                    filler.try_object(array, object.len()) || (sent_before == 0 && slots.is_empty())
                });
                if !fits {
                    break;
                }
                put(object);
                slots.push(Slot {
                    item: place,
                    ordinal: u32::try_from(ordinal).unwrap_or(u32::MAX),
                });
            }
        }
        if lead.is_some() {
            body.push(b']');
            frame = b",";
        }
        packed.body = body;
    }
    if packed.body.is_empty() {
        packed.body.push(b'{');
    }
    packed.body.push(b'}');
}
