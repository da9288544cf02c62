//! Memory that nobody needs any more.

use std::ffi::{c_int, c_void};

use nix::libc;

/// Gives back the pages of the program's own file that were read while it started: most of what we hold, and nothing of what the loop
/// needs. A page that is needed after all comes from the file again, as it does when memory is short.
#[allow(unsafe_code, reason = "only the C library knows where the program lies")]
pub(super) fn give_back() {
    // SAFETY: the callback keeps its contract, and gets no data.
    unsafe { libc::dl_iterate_phdr(Some(give_back_object), std::ptr::null_mut()) };
}

#[allow(unsafe_code, reason = "called by the C library with its own description")]
unsafe extern "C" fn give_back_object(object: *mut libc::dl_phdr_info, _: usize, _: *mut c_void) -> c_int {
    // SAFETY: the C library gives a description that lives until the callback is over, and as many headers as it says.
    let (base, headers) = unsafe {
        let object = &*object;
        (object.dlpi_addr, std::slice::from_raw_parts(object.dlpi_phdr, usize::from(object.dlpi_phnum)))
    };
    for part in headers.iter().filter(|part| part.p_type == libc::PT_LOAD && part.p_flags & libc::PF_W == 0) {
        let offset = part.p_vaddr % PAGE;
        let (start, length) = (base + part.p_vaddr - offset, part.p_memsz + offset);
        if let (Ok(start), Ok(length)) = (usize::try_from(start), usize::try_from(length)) {
            // SAFETY: the pages are those of a part that the loader mapped from the file and that nobody can write, so that the
            // kernel gets back the same bytes from the file.
            unsafe { libc::madvise(std::ptr::with_exposed_provenance_mut(start), length, libc::MADV_DONTNEED) };
        }
    }
    0
}

/// The smallest page of the machines that we are built for, in bytes. On one with larger pages the kernel refuses, and nothing is
/// given back.
const PAGE: u64 = 4096;
