// Gets a token, calls an API with it, and gets another one if the API refuses it.
//   example SOCKET INSTANCE_ID
#include <wixtoken/client.hpp>

#include <iostream>
#include <string_view>

// In place of your HTTP client: sends this value in the header `Authorization`, gives the status.
static int call_api(std::string_view authorization) {
  return authorization.starts_with("Bearer OauthNG.JWS.") ? 200 : 401;
}

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  wixtoken::options settings;
  settings.socket = argv[1];
  wixtoken::client daemon{settings};  // one for the whole process; threads may share it

  auto token = daemon.token(argv[2]);  // each time: it is a fraction of a millisecond
  if (token && call_api(token->authorization().reveal()) == 401) {
    token = daemon.reject(argv[2], token->generation);  // once: then it is not the token's fault
  }
  if (!token) {
    std::cerr << token.error().code << ": " << token.error().description << '\n';
    return 1;
  }
  std::cout << "generation " << token->generation << ", usable for " << token->expires_in.count()
            << " s, prints as " << token->text << '\n';
}
