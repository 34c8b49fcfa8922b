//! Small files of each kind, made here. Readers may find them incomplete; their ends are as they should be.

#[must_use]
pub fn jpeg() -> Vec<u8> {
    let mut file = b"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00".to_vec();
    file.extend([0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00, 0x7F, 0xFF, 0xD9]);
    file
}

#[must_use]
pub fn png() -> Vec<u8> {
    b"\x89PNG\r\n\x1A\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00".to_vec()
}

#[must_use]
pub fn tiff() -> Vec<u8> {
    b"II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00".to_vec()
}

/// A picture of an iPhone: its first brand is general, the others say what it is.
#[must_use]
pub fn heic() -> Vec<u8> {
    b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic\x00\x00\x00\x08meta".to_vec()
}

#[must_use]
pub fn avif() -> Vec<u8> {
    b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif\x00\x00\x00\x08meta".to_vec()
}

#[must_use]
pub fn film() -> Vec<u8> {
    b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41\x00\x00\x00\x08moov".to_vec()
}

#[must_use]
pub fn pdf() -> Vec<u8> {
    pdf_with_trailer("<< /Size 1 /Root 1 0 R >>")
}

#[must_use]
pub fn pdf_with_a_password() -> Vec<u8> {
    pdf_with_trailer("<< /Size 1 /Root 1 0 R /Encrypt 2 0 R >>")
}

#[must_use]
pub fn pdf_with_trailer(trailer: &str) -> Vec<u8> {
    let body = "%PDF-1.7\n%\u{e2}\u{e3}\n1 0 obj\n<< /Type /Catalog /EncryptMetadata false >>\nendobj\n";
    format!("{body}xref\n0 1\n0000000000 65535 f \ntrailer\n{trailer}\nstartxref\n{}\n%%EOF\n", body.len()).into_bytes()
}

#[must_use]
pub fn docx() -> Vec<u8> {
    zip(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>")])
}

#[must_use]
pub fn xlsx() -> Vec<u8> {
    zip(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")])
}

/// A workbook with macros, called an ordinary one.
#[must_use]
pub fn xlsx_with_macros() -> Vec<u8> {
    zip(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"), ("xl/vbaProject.bin", b"\x00")])
}

/// A workbook whose directory says that one entry unpacks to two gigabytes.
#[must_use]
pub fn zip_bomb() -> Vec<u8> {
    let mut file = xlsx();
    let last = file.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap_or_default();
    if let Some(unpacked) = file.get_mut(last + 24..last + 28) {
        unpacked.copy_from_slice(&0x7FFF_FFFF_u32.to_le_bytes());
    }
    file
}

/// A picture that is a program of Java, too.
#[must_use]
pub fn jpeg_and_zip() -> Vec<u8> {
    let (mut file, archive) = (jpeg(), zip(&[("META-INF/MANIFEST.MF", b"Main-Class: A\n")]));
    file.extend(archive);
    file
}

#[must_use]
pub fn office_with_a_password() -> Vec<u8> {
    let mut file = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    file.resize(1024, 0);
    file.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    file
}

#[must_use]
pub fn csv() -> Vec<u8> {
    b"date;payee;amount\n2026-10-01;\"Lindt; AG\";-12.50\n".to_vec()
}

#[must_use]
pub fn eml() -> Vec<u8> {
    b"Return-Path: <a@example.com>\r\nSubject: Invoice\r\n folded\r\nFrom: a@example.com\r\n\r\nHello\r\n".to_vec()
}

#[must_use]
pub fn xml() -> Vec<u8> {
    b"<?xml version=\"1.0\"?>\n<!-- an invoice -->\n<ubl:Invoice xmlns:ubl=\"urn:oasis\"/>\n".to_vec()
}

#[must_use]
pub fn html() -> Vec<u8> {
    b"\xEF\xBB\xBF\n<!-- x --><HTML><script>alert(1)</script></HTML>".to_vec()
}

#[must_use]
pub fn svg() -> Vec<u8> {
    b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec()
}

#[must_use]
pub fn program() -> Vec<u8> {
    let mut file = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xFF\xFF\x00\x00".to_vec();
    file.resize(256, 0);
    file
}

/// The EICAR test string, which scanners report as a virus: in two parts here, so that they do not report this file.
#[must_use]
pub fn eicar() -> Vec<u8> {
    [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat().into_bytes()
}

/// A ZIP of these entries, not packed.
#[must_use]
pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    let short = |length: usize| u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes();
    for (name, content) in entries {
        let offset = file.len();
        // Version, flags, method, time, date, checksum: all nought but the first.
        let mut common = vec![20, 0];
        common.extend([0; 12]);
        common.extend(number(content.len()));
        common.extend(number(content.len()));
        common.extend(short(name.len()));
        common.extend([0, 0]);
        file.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), content].concat());
        directory
            .extend([b"PK\x01\x02\x14\x00", common.as_slice(), &[0; 10], &number(offset), name.as_bytes()].concat());
    }
    let at = file.len();
    let count = short(entries.len());
    let end =
        [b"PK\x05\x06\0\0\0\0", count.as_slice(), &count, &number(directory.len()), &number(at), &[0, 0]].concat();
    [file, directory, end].concat()
}
