"""Who may enter which page: `METHOD path` -> roles. A route that is not here fails the build.

`all`: anybody, signed in or not. `in`: every role, both factors given. `half`: any login, however
far. `hook`: providers only. Otherwise the roles, separated by blanks.
"""

STAFF = "OP SO CO"

TABLE: dict[str, str] = {
    # providers
    "POST /hooks/telegram": "hook",
    "POST /hooks/twilio": "hook",
    "POST /hooks/twilio/status": "hook",
    # everybody
    "GET /": "all",
    "GET /privacy": "all",
    "GET /health": "all",
    "GET /ready": "all",
    "GET /sign-in": "all",
    "POST /sign-in": "all",
    # after the password
    "GET /sign-in/code": "half",
    "POST /sign-in/code": "half",
    "GET /sign-in/enrol": "half",
    "POST /sign-in/enrol": "half",
    "GET /sign-in/enrol.svg": "half",
    "POST /sign-out": "half",
    "GET /account/password": "half",
    "POST /account/password": "half",
    # one's own account
    "GET /account": "in",
    "POST /account/language": "in",
    "POST /account/codes": "in",
    # demonstration only
    "GET /start/codes": "all",
    "GET /simulator": "all",
    "POST /simulator": "all",
    "GET /simulator/{phone}": "all",
    "GET /simulator/{phone}/live": "all",
    "POST /simulator/{phone}/write": "all",
    "POST /simulator/{phone}/press": "all",
    "POST /simulator/{phone}/more": "all",
    "POST /simulator/{phone}/forget": "all",
}

DEMO_ONLY = ("/start/codes", "/simulator")
