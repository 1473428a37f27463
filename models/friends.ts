export { friends } from './friends/definition.ts';
