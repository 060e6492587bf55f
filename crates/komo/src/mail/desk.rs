//! What the studio and the command line do with mails: preview, difference, publish, test send.
