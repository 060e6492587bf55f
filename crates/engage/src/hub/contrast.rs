//! Contrast between two colours, as WCAG 2.2 defines it.
//! Promises the formula of the standard and nothing else.
//! Leaves which pairs have to be readable to `problems`.

/// Red, green and blue of `#RGB` or `#RRGGBB`; nothing for any other text.
pub fn rgb(colour: &str) -> Option<[u8; 3]> {
    let digits = colour
        .strip_prefix('#')
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    let part = |shift: u32, mask: u32| u8::try_from((value >> shift) & mask).unwrap_or_default();
    match digits.len() {
        3 => Some([part(8, 15) * 17, part(4, 15) * 17, part(0, 15) * 17]),
        6 => Some([part(16, 255), part(8, 255), part(0, 255)]),
        _ => None,
    }
}

/// Relative luminance from 0 (black) to 1 (white).
pub fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|channel| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.04045 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Contrast ratio from 1 (the same) to 21 (black on white).
pub fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(one: &str, other: &str) -> f64 {
        (contrast(rgb(one).unwrap(), rgb(other).unwrap()) * 100.0).round() / 100.0
    }

    #[test]
    fn the_known_ratios_of_the_standard() {
        assert!((ratio("#000", "#FFFFFF") - 21.0).abs() < 1e-9);
        assert!((ratio("#fff", "#FFFFFF") - 1.0).abs() < 1e-9);
        assert!((ratio("#767676", "#FFFFFF") - 4.54).abs() < 1e-9);
        assert!((ratio("#777777", "#FFFFFF") - 4.48).abs() < 1e-9);
    }

    #[test]
    fn only_hexadecimal_colours_are_colours() {
        assert_eq!(rgb("#1aF"), Some([0x11, 0xaa, 0xff]));
        for wrong in [
            "",
            "#",
            "red",
            "#12",
            "#1234567",
            "#+12345",
            "#ggg",
            "123456",
            "#\u{e9}12",
            "red;}body{}",
        ] {
            assert_eq!(rgb(wrong), None, "{wrong}");
        }
    }
}
