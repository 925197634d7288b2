# What users of the client get: the library with its headers, as a CMake package and for pkg-config
# (component `client-dev`), and the command with its completions (component `client`).
# tests/client_package builds an outside project against an installed tree.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(wixtoken_package "${CMAKE_INSTALL_LIBDIR}/cmake/wixtoken")
set_target_properties(wixtokend_client PROPERTIES EXPORT_NAME client)
install(TARGETS wixtokend_client
  EXPORT wixtoken_targets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT client-dev
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT client-dev)
install(EXPORT wixtoken_targets
  FILE wixtoken-targets.cmake NAMESPACE wixtoken::
  DESTINATION "${wixtoken_package}" COMPONENT client-dev)

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/wixtoken-config.cmake.in"
  "${PROJECT_BINARY_DIR}/wixtoken-config.cmake"
  INSTALL_DESTINATION "${wixtoken_package}")
# Before 1.0 a new minor version may break what uses it.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/wixtoken-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/wixtoken-config.cmake"
  "${PROJECT_BINARY_DIR}/wixtoken-config-version.cmake"
  DESTINATION "${wixtoken_package}" COMPONENT client-dev)

file(RELATIVE_PATH wixtoken_prefix_from_pc "/x/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/x")
configure_file("${PROJECT_SOURCE_DIR}/cmake/wixtoken.pc.in"
  "${PROJECT_BINARY_DIR}/wixtoken.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/wixtoken.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT client-dev)

install(TARGETS wixtoken RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT client)
install(FILES "${PROJECT_SOURCE_DIR}/packaging/completions/wixtoken.bash"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
  RENAME wixtoken COMPONENT client)
install(FILES "${PROJECT_SOURCE_DIR}/packaging/completions/_wixtoken"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions" COMPONENT client)
