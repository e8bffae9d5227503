/* The scoring of certbody/scheme/score once more, for what a page shows before the server has answered.
   Numbers are exact: pairs of BigInt, never a floating point number. The server's result is the record; a test holds
   both to the same results. `scheme` is what `manage.py scheme ID --json` prints, `sheet` a score sheet without faults. */
"use strict";

const scoring = (() => {
  const greatestDivisor = (a, b) => (b ? greatestDivisor(b, a % b) : a < 0n ? -a : a);
  const fraction = (numerator, denominator = 1n) => {
    const divisor = greatestDivisor(numerator, denominator) || 1n;
    const sign = denominator < 0n ? -1n : 1n;
    return { numerator: (sign * numerator) / divisor, denominator: (sign * denominator) / divisor };
  };
  const zero = fraction(0n);

  /* A whole number, or text such as "5/2" or "2.5". */
  const exact = (value) => {
    const [numerator, denominator = "1"] = String(value).split("/");
    const [whole, decimals = ""] = numerator.split(".");
    return fraction(BigInt(whole + decimals), BigInt(denominator) * 10n ** BigInt(decimals.length));
  };
  const plus = (a, b) =>
    fraction(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
  const times = (a, b) => fraction(a.numerator * b.numerator, a.denominator * b.denominator);
  const over = (a, b) => fraction(a.numerator * b.denominator, a.denominator * b.numerator);
  const negative = (a) => fraction(-a.numerator, a.denominator);
  const isLess = (a, b) => a.numerator * b.denominator < b.numerator * a.denominator;

  /* With a fixed number of decimal places, rounded down; for numbers that are not negative. */
  const display = (number, places) => {
    const scale = 10n ** BigInt(places);
    const scaled = (number.numerator * scale) / number.denominator;
    return `${scaled / scale}.${String(scaled % scale).padStart(places, "0")}`;
  };

  /* The points that a mark earns; null when the clause is excluded and leaves the base. */
  const pointsObtained = (points, mark) => {
    if ("excluded" in mark) return null;
    if ("sampled" in mark) {
      return times(points, fraction(BigInt(mark.sampled) - BigInt(mark.failed), BigInt(mark.sampled)));
    }
    return mark.met ? points : zero;
  };

  const sectionScore = (clauses, marks) => {
    const section = { obtained: zero, applicable: zero };
    for (const clause of clauses) {
      const points = exact(clause.points);
      const obtained = pointsObtained(points, marks[clause.id]);
      if (obtained === null) continue;
      section.obtained = plus(section.obtained, obtained);
      section.applicable = plus(section.applicable, points);
    }
    return section;
  };

  const gradeFor = (scheme, final, deductions) => {
    if (deductions >= scheme.thresholds.fail_special_deductions) return "fail";
    const reached = scheme.grades.filter((grade) => !isLess(final, exact(grade.min_score)));
    return reached.length ? reached[reached.length - 1].key : "fail";
  };

  /* The result of a complete sheet, in the words and numbers of `manage.py score`. */
  const score = (scheme, sheet) => {
    const level1 = scheme.sections.filter((section) => section.id.split(".").length === 2);
    const sections = Object.fromEntries(
      level1.map(({ id }) => [id, sectionScore(scheme.clauses.filter((one) => one.id.startsWith(`${id}.`)), sheet.marks)]),
    );
    const total = (name) => Object.values(sections).reduce((sum, section) => plus(sum, section[name]), zero);
    const [obtained, applicable] = [total("obtained"), total("applicable")];
    const normalised = times(over(obtained, applicable), fraction(100n));
    const deductions = (sheet.specials || []).length;
    const bonus = sheet.bonus ? 1 : 0;
    const { special_deduction_points: lost, special_bonus_points: won, cap } = scheme.thresholds;
    let final = plus(normalised, negative(times(fraction(BigInt(deductions)), exact(lost))));
    final = plus(final, times(fraction(BigInt(bonus)), exact(won)));
    if (isLess(exact(cap), final)) final = exact(cap);
    if (isLess(final, zero)) final = zero;
    const grade = gradeFor(scheme, final, deductions);
    return {
      scheme: scheme.id,
      version: scheme.version,
      status: scheme.status,
      obtained: display(obtained, 6),
      applicable: display(applicable, 6),
      score: display(normalised, 6),
      special_deductions: deductions,
      bonus,
      final: display(final, 6),
      final_exact: `${final.numerator}/${final.denominator}`,
      grade,
      passed: grade !== "fail",
      sections: Object.fromEntries(
        Object.entries(sections).map(([id, section]) => [
          id,
          { obtained: display(section.obtained, 6), applicable: display(section.applicable, 6) },
        ]),
      ),
    };
  };

  return { exact, display, pointsObtained, score };
})();
