/** What goes wrong: problem documents (RFC 9457). */
import type { Problem, ProblemCode } from './generated/types.js';
/** A problem that the server answered. Decide by `code`; show `message` and `hint` to people. */
export declare class FairleadProblem extends Error {
    readonly name = "FairleadProblem";
    readonly code: ProblemCode;
    readonly status: number;
    /** What to do about it. */
    readonly hint: string | null;
    /** The fields that are wrong. */
    readonly errors: Problem['errors'];
    /** The whole document, such as the `deployment` of an upload that was refused. */
    readonly problem: Problem;
    constructor(problem: Problem);
}
/** Whether something that was thrown is a problem, and one of these codes if any are named. */
export declare function isProblem(thrown: unknown, ...codes: ProblemCode[]): thrown is FairleadProblem;
/** The problem document of a failed answer, or one that says what came instead. */
export declare function problemOf(response: Response): Promise<Problem>;
