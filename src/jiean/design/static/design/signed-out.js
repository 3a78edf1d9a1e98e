/* Nobody is signed in here any more: the days kept for reading without a network go. What waits to be sent stays for its person. */

import { forgetStaff } from "./outbox.js";

forgetStaff("day");
