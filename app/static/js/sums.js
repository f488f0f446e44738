/* Sums in kopecks with BigInt: the same rounding, half up, as the server's Decimal. */
(function () {
  "use strict";
  const V = window.V;

  /* 1,234.50: commas between thousands; 1,500 alone is so in English only (the server reads numbers the same way). */
  const thousands = V.lang === "ru" ? /^\d{1,3}(,\d{3})+(\.\d*|,\d{3})$/ : /^\d{1,3}(,\d{3})+(\.\d*)?$/;

  /** Text such as «1 234,5» as a whole number of 10^-places, half up; null when it is not a number. */
  V.parse = (text, places) => {
    const bare = String(text == null ? "" : text).replace(/[\s\u00a0\u202f₽%]/g, "");
    const plain = thousands.test(bare) ? bare.replace(/,/g, "") : bare.replace(",", ".");
    const match = /^(\d{1,15})?(?:\.(\d*))?$/.exec(plain);
    if (!match || (!match[1] && !match[2])) return plain === "" ? 0n : null;
    const digits = ((match[2] || "") + "0".repeat(places + 1)).slice(0, places + 1);
    return (BigInt(match[1] || "0") * 10n ** BigInt(places + 1) + BigInt(digits) + 5n) / 10n;
  };

  /** a / b, half up, away from zero when negative. */
  V.divide = (a, b) => {
    const sign = a < 0n !== b < 0n ? -1n : 1n;
    const [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
    return sign * ((2n * x + y) / (2n * y));
  };

  const group = V.lang === "ru" ? "\u00a0" : ",";
  const comma = V.lang === "ru" ? "," : ".";
  const minus = "\u2212";

  /** 1 234,50: digits after the comma only when there are any, or `fixed` of them. */
  V.number = (scaled, places, fixed) => {
    const sign = scaled < 0n ? minus : "";
    const digits = String(scaled < 0n ? -scaled : scaled).padStart(places + 1, "0");
    const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+(?!\d))/g, group);
    let part = places ? digits.slice(-places) : "";
    if (fixed === undefined) part = part.replace(/0+$/, "");
    return sign + whole + (part ? comma + part : "");
  };

  /** 184 500 ₽, and kopecks when there are any. */
  V.money = (kopecks, mark = true) => {
    const bare = kopecks % 100n === 0n ? V.number(kopecks / 100n, 0) : V.number(kopecks, 2, true);
    return bare + (mark ? "\u00a0₽" : "");
  };

  /** 30,5 %: tenths of a percent. */
  V.percent = (tenths) => V.number(tenths, 1, true) + (V.lang === "ru" ? "\u00a0%" : "%");

  /** The sums of a line in kopecks; null when something in it is not a number. off: kopecks taken off, or null. */
  V.lineSums = ({ quantity, price, discount, off, cost, vat }) => {
    const [q, p, d, c] = [V.parse(quantity, 3), V.parse(price, 2), V.parse(discount, 2), V.parse(cost, 2)];
    if (q === null || p === null || d === null || c === null || d > 10000n) return null;
    const full = V.divide(q * p, 1000n);
    const sum = off === null ? V.divide(q * p * (10000n - d), 10000000n) : full - off;
    const rate = vat === "" || vat == null ? null : V.parse(vat, 2);
    const tax = rate === null ? 0n : V.divide(sum * rate, 10000n + rate);
    return { full, sum, cost: V.divide(q * c, 1000n), tax, rate };
  };
})();
