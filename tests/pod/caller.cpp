// The application of the pod's test: a static program that asks for tokens over the shared socket.
//
//   caller get SOCKET INSTANCE    prints the status and the token, or the error
//   caller work SOCKET INSTANCE   as the application's process: waits for its first token, then for
//                                 SIGTERM, and asks for three seconds more; ends with 0 if it got
//                                 a token each time
//   caller replace SOCKET         tries all that would put another socket in its place; ends with 0
//                                 if all of it was refused

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>

namespace {

volatile std::sig_atomic_t told_to_end = 0;
void end(int /*signal*/) {
  told_to_end = 1;
}

void pause_for(int milliseconds) {
  ::poll(nullptr, 0, milliseconds);
}

sockaddr_un address_of(std::string const& path) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  path.copy(out.sun_path, sizeof out.sun_path - 1);
  return out;
}

int connect_to(std::string const& path) {
  int const socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto const address = address_of(path);
  if (::connect(socket, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0) {
    return socket;
  }
  ::close(socket);
  return -1;
}

std::string read_all(int socket) {
  std::string out;
  char part[4096];
  ssize_t count = 0;
  while ((count = ::read(socket, part, sizeof part)) > 0) {
    out.append(part, static_cast<std::size_t>(count));
  }
  return out;
}

// "200 TOKEN", "403 {…}", or why there was no answer.
std::string get(std::string const& socket, std::string const& instance) {
  int const connection = connect_to(socket);
  if (connection < 0) return std::string{"not connected: "} + std::strerror(errno);
  auto const request = "GET /v1/instances/" + instance +
                       "/token HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n"
                       "Connection: close\r\n\r\n";
  ssize_t const sent = ::send(connection, request.data(), request.size(), MSG_NOSIGNAL);
  auto const answer = sent == static_cast<ssize_t>(request.size()) ? read_all(connection) : "";
  ::close(connection);
  auto const body = answer.find("\r\n\r\n");
  if (body == std::string::npos) return "no answer";
  return answer.substr(9, 3) + ' ' + answer.substr(body + 4);
}

int work(std::string const& socket, std::string const& instance) {
  std::signal(SIGTERM, end);
  while (!get(socket, instance).starts_with("200 ") && told_to_end == 0) pause_for(50);
  std::cout << "working" << std::endl;
  while (told_to_end == 0) pause_for(50);
  int good = 0;
  constexpr int count = 30;
  for (int i = 0; i < count; ++i) {
    auto const answer = get(socket, instance);
    if (answer.starts_with("200 "))
      ++good;
    else
      std::cout << answer << std::endl;
    pause_for(100);
  }
  std::cout << "after the signal: " << good << " of " << count << std::endl;
  return good == count ? 0 : 1;
}

int replace(std::string const& socket) {
  auto const folder = socket.substr(0, socket.rfind('/'));
  auto const above = folder.substr(0, folder.rfind('/'));
  auto const beside = address_of(folder + "/mine");
  int const mine = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int done = 0;
  auto const attempt = [&](char const* what, int returned) {
    std::cout << what << ": " << (returned == 0 ? "done" : std::strerror(errno)) << std::endl;
    if (returned == 0) ++done;
  };
  attempt("unlink the socket", ::unlink(socket.c_str()));
  attempt("rename the socket", std::rename(socket.c_str(), (socket + ".old").c_str()));
  attempt("bind beside it",
          ::bind(mine, reinterpret_cast<sockaddr const*>(&beside), sizeof beside));
  attempt("rename its folder", std::rename(folder.c_str(), (folder + ".old").c_str()));
  attempt("make a folder beside its folder", ::mkdir((above + "/mine").c_str(), 0700));
  return done == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  std::string const what = count > 2 ? arguments[1] : "";
  if (what == "replace") return replace(arguments[2]);
  if (what == "work" && count > 3) return work(arguments[2], arguments[3]);
  if (what != "get" || count < 4) return 2;
  auto const answer = get(arguments[2], arguments[3]);
  std::cout << answer << std::endl;
  return answer.starts_with("200 ") ? 0 : 1;
}
