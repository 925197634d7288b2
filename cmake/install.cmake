# What `cmake --install build/release --prefix /usr` puts where: the programs, the units of systemd, the
# daemon's user, and the commented configuration as an example. The Debian package uses it as well.
include(GNUInstallDirs)

install(TARGETS wixtokend wix-oauth-emulator RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")

# Units of one text under two names: %N in them tells the template's instances apart.
set(units "${PROJECT_SOURCE_DIR}/systemd")
set(unit_folder lib/systemd/system)
install(FILES
  "${units}/wixtokend.service" "${units}/wixtokend.socket"
  "${units}/wixtokend-admin.socket" "${units}/wixtokend-admin@.socket"
  DESTINATION "${unit_folder}")
install(FILES "${units}/wixtokend.service"
  DESTINATION "${unit_folder}" RENAME wixtokend@.service)
install(FILES "${units}/wixtokend.socket"
  DESTINATION "${unit_folder}" RENAME wixtokend@.socket)
install(FILES "${units}/wixtokend.sysusers" DESTINATION lib/sysusers.d RENAME wixtokend.conf)

install(FILES "${PROJECT_SOURCE_DIR}/config/wixtokend.toml"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples")
